export { type Batches, batchErrors, createBatches } from "./batches.ts";
export type { Outcomes } from "./journaled.ts";
export type { BatchLimits } from "./limits.ts";
export { defaultBatchLimits } from "./limits.ts";
export {
  type BatchProblem,
  type Failure,
  failureInBrief,
  notStarted,
  outcomeFields,
  problemOf,
  replyOf,
  tallied,
} from "./outcome.ts";
