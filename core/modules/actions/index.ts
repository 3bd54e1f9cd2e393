export { createActionRoutes } from "./routes.ts";
export { createRunAction } from "./run-action.ts";
