export { BundleError, createBundle } from "@plugboard/plugin-sdk/bundle";
export { importBundle } from "./import-bundle.ts";
export { openBundle, SeenUpstream } from "./open-bundle.ts";
