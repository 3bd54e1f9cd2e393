import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { newId } from "@plugboard/service-kit/crypto";
import { httpErrors } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import type { CoreErrorCode } from "../../errors.ts";

/** What a route that takes an `Idempotency-Key` may be answered with on its account; for the documentation. */
export const idempotencyErrors = [
  "idempotency-key-reused",
  "idempotency-key-in-use",
  "idempotency-keys-exhausted",
  "idempotency-reply-not-kept",
] as const satisfies CoreErrorCode[];

/** Printable characters of ASCII: what a header carries unchanged. */
const wellFormed = /^[\x21-\x7e]{1,255}$/;

/** The schema of a key that one part of a batch brings, a `what`: for its vendor alone, nothing is kept of it here. */
export const vendorKey = (what: string) =>
  Type.String({
    pattern: wellFormed.source,
    description: `What the vendor is to know this ${what} by, where it knows such keys: the same ${what} with the same key in another batch is not made again there.`,
  });

/**
 * The request's `Idempotency-Key`; undefined when there is none.
 * @throws `invalid-request`
 */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key === "string" && wellFormed.test(key)) return key;
  throw httpErrors.error(
    "invalid-request",
    "Idempotency-Key is not one; expected 1 to 255 printable characters without spaces.",
  );
}

/**
 * What a vendor is to know a wish by: the same for the same key and wish, whenever it comes. Vendors keep keys by account:
 * what two applications of a tenant have chosen alike must not meet there.
 *
 * @param key the client's; without one each call is a wish of its own
 * @param wish plain data: whose it is, over which connection, and what it asks for
 */
export function keyForVendor(key: string | undefined, wish: unknown): string {
  if (key === undefined) return newId("idem");
  return createHash("sha256")
    .update(JSON.stringify([key, wish]))
    .digest("base64url");
}
