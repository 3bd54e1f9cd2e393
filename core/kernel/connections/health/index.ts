export { type ConnectionHealth, createConnectionHealth } from "./health.ts";
export { createLook } from "./look.ts";
export { createCheckRecords } from "./record.ts";
export { createRefusedCalls, type HearRequest } from "./refused-calls.ts";
export { type HealthRounds, startHealthRounds } from "./rounds.ts";
export { createHealthRoutes } from "./routes.ts";
export { createTrials } from "./trial.ts";
