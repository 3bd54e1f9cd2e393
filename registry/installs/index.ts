export { createInstalls, type Installs } from "./installs.ts";
export { installRoutes } from "./routes.ts";
