export { createAffiliations, isMemberByTenant } from "./affiliations.ts";
export { affiliationRoutes } from "./routes.ts";
