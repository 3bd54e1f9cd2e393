export { createHostKey, type HostKey, registryAudience } from "./host-key.ts";
export { createHostKeyRoutes } from "./routes.ts";
