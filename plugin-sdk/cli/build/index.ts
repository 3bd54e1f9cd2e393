export {
  buildPlugin,
  type PluginBuild,
  packPlugin,
  tarballName,
  type WrittenPlugin,
} from "./build-plugin.ts";
export { readProject } from "./project.ts";
