export { buildPlugin, type PluginBuild, packPlugin, type WrittenPlugin } from "./build-plugin.ts";
export { placesOf, type SourcePlace } from "./stack.ts";
