export { type ConnectionInUse, type Connections, createConnections } from "./connections.ts";
export { createConnectionRoutes } from "./routes.ts";
export { createVault } from "./vault.ts";
