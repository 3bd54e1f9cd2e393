export { updateRoutes } from "./routes.ts";
export { createUpdates } from "./updates.ts";
