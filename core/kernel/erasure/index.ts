export { createErasure, defineErasureQueue, type ErasureQueue, goOnErasing } from "./erasure.ts";
export { createErasureRoutes } from "./routes.ts";
