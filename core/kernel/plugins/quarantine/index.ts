export { createQuarantine, type Quarantine } from "./quarantine.ts";
export { createQuarantineRoutes } from "./routes.ts";
export type { Crash } from "./verdict.ts";
