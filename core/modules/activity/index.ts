export { type Activity, createActivity } from "./activity.ts";
export { createActivityRoutes } from "./routes.ts";
