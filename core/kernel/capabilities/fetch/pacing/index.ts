export { retryAfterMs } from "./limit-headers.ts";
export { type Aim, createPacer, type Pacer, type Turn } from "./pacer.ts";
export { isOwn, type Rate, rateOf } from "./rate.ts";
export { type ReadReply, readReply } from "./reported.ts";
export type { Requester } from "./shares-of.ts";
export { createSlices, type Slices } from "./slices.ts";
export { createTokenBucket } from "./token-bucket.ts";
