export type { Chosen } from "./choose.ts";
export { createPolicies, type Policies } from "./policies.ts";
export { policyRoutes } from "./routes.ts";
