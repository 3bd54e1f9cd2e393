export { createHosts, type Hosts } from "./hosts.ts";
export { hostRoutes } from "./routes.ts";
