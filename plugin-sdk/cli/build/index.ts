export { buildPlugin, type PluginBuild, packPlugin, type WrittenPlugin } from "./build-plugin.ts";
