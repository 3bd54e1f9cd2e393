export { createFileRoutes } from "./routes.ts";
