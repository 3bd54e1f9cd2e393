export { createErasure, defineErasureQueue } from "./erasure.ts";
export { createErasureRoutes } from "./routes.ts";
