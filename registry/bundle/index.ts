export { createBundle } from "./create-bundle.ts";
export { BundleError } from "./errors.ts";
export { importBundle } from "./import-bundle.ts";
export { openBundle, SeenUpstream } from "./open-bundle.ts";
