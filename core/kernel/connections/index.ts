export type { ConnectionInUse } from "./connection.ts";
export type { Connections } from "./connections.ts";
export { connectionProblems } from "./fit.ts";
export {
  defineRevocationQueue,
  deleteOldFlows,
  deleteOldRevocations,
  type Revocations,
} from "./oauth/index.ts";
export { openConnections } from "./open-connections.ts";
export type { ConnectionRow } from "./queries.ts";
