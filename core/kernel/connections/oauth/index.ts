export { createOAuthFlows, type OAuthFlows } from "./flows.ts";
export { deleteOldFlows, deleteOldRevocations } from "./queries.ts";
export { createRenewals, type Renewals } from "./renewal.ts";
export {
  createRevocations,
  defineRevocationQueue,
  type RevocationQueue,
  type Revocations,
} from "./revocations.ts";
export { createOAuthRoutes } from "./routes.ts";
export { createTokenEndpoint } from "./token-endpoint.ts";
