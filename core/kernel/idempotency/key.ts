import type { IncomingHttpHeaders } from "node:http";
import { httpErrors } from "@plugboard/service-kit/http";

/** Printable characters of ASCII: what a header carries unchanged. */
const wellFormed = /^[\x21-\x7e]{1,255}$/;

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
