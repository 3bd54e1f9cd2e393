import { createHash } from "node:crypto";

/**
 * A strong entity tag (RFC 9110, 8.8.3) of some content. Set it as `ETag` in a reply to a GET, and a
 * request whose If-None-Match names it is answered 304 without a body.
 */
export function entityTag(content: string | Uint8Array): string {
  return `"${createHash("sha256").update(content).digest("base64url")}"`;
}
