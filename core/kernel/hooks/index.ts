export { createHookChanges, type HookChanges } from "./hook-changes.ts";
export { type Hooks, hookDeadlineMs } from "./hooks.ts";
export { defaultHookLimits, type HookLimits } from "./limits.ts";
export { openHooks } from "./open-hooks.ts";
export { createHookRoutes } from "./routes.ts";
