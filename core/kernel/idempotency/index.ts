export { createIdempotency, type Idempotency } from "./idempotency.ts";
export { idempotencyKeyOf } from "./key.ts";
