export type * from "./contract.ts";
export { leastCulprits } from "./culprits.ts";
export {
  CapabilityError,
  SandboxError,
  type SandboxErrorCode,
  sandboxErrors,
  type ThrownByPlugin,
} from "./errors.ts";
export { JsonText } from "./json-text.ts";
export { defaultLimits, type SandboxLimits } from "./limits.ts";
export { openSandbox } from "./sandbox.ts";
export { createThreadBudget, type ThreadBudget, type ThreadBudgetStats } from "./thread-budget.ts";
export { describeWalls, type Wall } from "./walls/index.ts";
