import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Pricing } from "./types.ts";

/**
 * Names exactly one set of prices of one plugin: lowercase hex SHA-256 over the canonical JSON (RFC 8785) of
 * `{ id, pricing }`. A yes to one digest buys at no other price.
 */
export function termsDigest({ id, pricing }: { id: string; pricing: Pricing }): string {
  const canonical = canonicalize({ id, pricing });
  if (canonical === undefined) throw new TypeError("Prices are not JSON.");
  return createHash("sha256").update(canonical).digest("hex");
}
