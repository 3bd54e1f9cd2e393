export { type ConnectionInUse, type Connections, createConnections } from "./connections.ts";
export { connectionProblems } from "./fit.ts";
export { createConnectionRoutes } from "./routes.ts";
export { createVault } from "./vault.ts";
