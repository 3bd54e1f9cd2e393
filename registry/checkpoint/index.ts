export { type Checkpoints, createCheckpoints } from "./checkpoints.ts";
export { createRenewal } from "./renewal.ts";
export { checkpointRoutes } from "./routes.ts";
