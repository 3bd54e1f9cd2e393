export { listRevocations, revocationsHash } from "./revocations.ts";
export { revocationRoutes } from "./routes.ts";
