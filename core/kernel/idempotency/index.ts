export { createIdempotency, type Idempotency } from "./idempotency.ts";
export { idempotencyErrors, idempotencyKeyOf } from "./key.ts";
