export { createOAuthClients, type OAuthClients } from "./oauth-clients.ts";
export { createOAuthClientRoutes } from "./routes.ts";
