export type { ActivePlugins } from "./active-plugins.ts";
export { type CallEffects, createCallEffects } from "./call-effects.ts";
export { callErrorCodes } from "./call-error-codes.ts";
export { createPlugins, type Plugins } from "./create-plugins.ts";
export type { Install, Installs } from "./installs.ts";
export type { RunnableInstall } from "./plugin-call.ts";
export type { PluginRunner } from "./run.ts";
export { checkGivenRoot, SignedRootFile, type TrustSettings } from "./trust/index.ts";
export { createUsageReporter } from "./usage/index.ts";
