import { createHash } from "node:crypto";

/**
 * Whether an If-None-Match header names a tag (RFC 9110, 13.1.2). Request caching directives have no
 * say in it, unlike with Koa's `fresh`: they are for caches, and `fetch` always sends one along.
 */
export function namesTag(ifNoneMatch: string, etag: string): boolean {
  const plain = (tag: string) => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").some((tag) => plain(tag) === plain(etag));
}

/**
 * A strong entity tag (RFC 9110, 8.8.3) of some content. Set it as `ETag` in a reply to a GET, and a
 * request whose If-None-Match names it is answered 304 without a body.
 */
export function entityTag(content: string | Uint8Array): string {
  return `"${createHash("sha256").update(content).digest("base64url")}"`;
}
