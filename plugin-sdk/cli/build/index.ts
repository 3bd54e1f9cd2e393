export { buildPlugin, packPlugin, tryPackPlugin, type WrittenPlugin } from "./build-plugin.ts";
export { keptBuild } from "./kept-build.ts";
export { companionNames, companionsIn } from "./package-files.ts";
export type { BuildAttempt, PluginBuild } from "./plugin-build.ts";
export { placesOf, type SourcePlace } from "./stack.ts";
