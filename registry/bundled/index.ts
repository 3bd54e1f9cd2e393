export { publishBundledPlugins } from "./publish-bundled-plugins.ts";
