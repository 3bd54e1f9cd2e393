export { createActionRoutes } from "./routes.ts";
export { createActions } from "./run-action.ts";
