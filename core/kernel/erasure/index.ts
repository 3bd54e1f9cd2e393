export { createErasure, defineErasureQueue, goOnErasing } from "./erasure.ts";
export { createErasureRoutes } from "./routes.ts";
