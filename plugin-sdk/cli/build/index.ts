export {
  type BuildAttempt,
  buildPlugin,
  type PluginBuild,
  packPlugin,
  tryPackPlugin,
  type WrittenPlugin,
} from "./build-plugin.ts";
export { companionNames, companionsIn } from "./package-files.ts";
export { placesOf, type SourcePlace } from "./stack.ts";
