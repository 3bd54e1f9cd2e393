export { createIdempotency, type Idempotency } from "./idempotency.ts";
export { idempotencyErrors, idempotencyKeyOf, keyForVendor } from "./key.ts";
