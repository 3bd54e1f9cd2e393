export { type Batch, type Batches, batchErrors, createBatches, type Performed } from "./batches.ts";
export type { Outcomes } from "./journaled.ts";
export type { BatchLimits } from "./limits.ts";
export { defaultBatchLimits } from "./limits.ts";
export {
  type BatchProblem,
  bytesOf,
  type Failure,
  failureFrom,
  failureInBrief,
  notStarted,
  outcomeFields,
  problemOf,
  replyOf,
  slowDownOf,
  tallied,
} from "./outcome.ts";
export { whenSent } from "./when-sent.ts";
