export { checkClaim } from "./claim.ts";
export { addKey, adoptKey, delegatedKeys, retireAllKeys, retireKey, revokeKey } from "./keys.ts";
export { createPublishers, type Publishers } from "./publishers.ts";
export { isKeyInUse } from "./queries.ts";
export { publisherRoutes } from "./routes.ts";
