export { checkGivenRoot } from "./given-root.ts";
export { releaseBlocked } from "./problems.ts";
export { openRegistryTrust, type RegistryTrust, type TrustSettings } from "./registry-trust.ts";
export { createTrustRoutes } from "./routes.ts";
export { SignedRootFile } from "./state.ts";
