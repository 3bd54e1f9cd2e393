export { type ActivePlugins, createActivePlugins } from "./active-plugins.ts";
export { createInstallRoutes } from "./install-routes.ts";
export { createInstalls, type Install, type Installs } from "./installs.ts";
export { createMarketplaceRoutes } from "./marketplace-routes.ts";
export { createReleaseStore } from "./release-store.ts";
export type { RunnableInstall } from "./plugin-call.ts";
export { createPluginRunner, type PluginRunner } from "./run.ts";
export { openTrustState } from "./trust-state.ts";
