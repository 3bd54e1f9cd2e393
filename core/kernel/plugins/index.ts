export { type ActivePlugins, createActivePlugins } from "./active-plugins.ts";
export { createEntitlementRoutes, createEntitlements } from "./entitlements/index.ts";
export { createHostKey, createHostKeyRoutes } from "./host-key/index.ts";
export { followInstalls } from "./hot-swap.ts";
export { createInstallRoutes } from "./install-routes.ts";
export { createInstalls, type Install, type Installs } from "./installs.ts";
export { createLifecycle } from "./lifecycle/index.ts";
export { createMarketplaceRoutes } from "./marketplace-routes.ts";
export type { RunnableInstall } from "./plugin-call.ts";
export { createPolicyRoutes } from "./policies/index.ts";
export { createPublisherLinkRoutes } from "./private-plugins/index.ts";
export { createQuarantine, createQuarantineRoutes } from "./quarantine/index.ts";
export { createReleaseStore } from "./release-store.ts";
export { createReviewRoutes } from "./reviews/index.ts";
export { createPluginRunner, type PluginRunner } from "./run.ts";
export {
  checkGivenRoot,
  createTrustRoutes,
  openRegistryTrust,
  SignedRootFile,
  type TrustSettings,
} from "./trust/index.ts";
export { createUpdates } from "./updates/index.ts";
export {
  createSpendCaps,
  createUsageMeter,
  createUsageReporter,
  createUsageRoutes,
} from "./usage/index.ts";
