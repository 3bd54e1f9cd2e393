export { createIdempotency, type Idempotency } from "./idempotency.ts";
export { idempotencyErrors, idempotencyKeyOf, keyForVendor, vendorKey } from "./key.ts";
