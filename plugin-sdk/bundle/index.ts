export { bundleFormat, createBundle } from "./create-bundle.ts";
export { BundleError } from "./errors.ts";
