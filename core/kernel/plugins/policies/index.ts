export { createPolicyRoutes } from "./routes.ts";
