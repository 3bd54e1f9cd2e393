export { createIdempotency, type Idempotency } from "./idempotency.ts";
export type { Journal } from "./journal.ts";
export { idempotencyErrors, idempotencyKeyOf, keyForVendor, vendorKey } from "./key.ts";
