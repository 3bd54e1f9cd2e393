export { type AccountIdentity, type Accounts, createAccounts } from "./accounts.ts";
export { accountRoute } from "./route.ts";
export { accountRoutes } from "./routes.ts";
export { type Role, roleAllows, type Scope } from "./scopes.ts";
