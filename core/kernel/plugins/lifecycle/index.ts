export type { InstallRequest } from "./create.ts";
export type { HistoryEntry } from "./history.ts";
export { createLifecycle, type Lifecycle } from "./lifecycle.ts";
