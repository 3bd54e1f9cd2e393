export { type ConnectionHealth, createConnectionHealth } from "./health.ts";
export { startHealthRounds } from "./rounds.ts";
export { createHealthRoutes } from "./routes.ts";
export { createTrials } from "./trial.ts";
