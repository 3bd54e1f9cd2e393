export { type Batches, batchErrors, createBatches } from "./batches.ts";
export type { BatchLimits } from "./limits.ts";
export { defaultBatchLimits } from "./limits.ts";
export {
  type BatchProblem,
  type Failure,
  failureOf,
  isDefinite,
  notStarted,
  outcomeFields,
  problemOf,
  tallied,
} from "./outcome.ts";
