import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Permissions } from "./types.ts";

/**
 * Names exactly one set of permissions of one plugin: lowercase hex SHA-256 over the canonical JSON (RFC 8785) of
 * `{ id, permissions }`. A consent given for one digest agrees to nothing else.
 */
export function consentDigest(subject: { id: string; permissions: Permissions }): string {
  const canonical = canonicalize({ id: subject.id, permissions: subject.permissions });
  if (canonical === undefined) throw new TypeError("Permissions are not JSON.");
  return createHash("sha256").update(canonical).digest("hex");
}
