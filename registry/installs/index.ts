export { createInstalls } from "./installs.ts";
export { installRoutes } from "./routes.ts";
