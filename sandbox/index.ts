export type * from "./contract.ts";
export {
  CapabilityError,
  SandboxError,
  type SandboxErrorCode,
  sandboxErrors,
  type ThrownByPlugin,
} from "./errors.ts";
export { defaultLimits, type SandboxLimits } from "./limits.ts";
export { openSandbox } from "./sandbox.ts";
