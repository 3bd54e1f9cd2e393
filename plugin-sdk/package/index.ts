export { PackageError, type PackageErrorCode, packageErrorCodes } from "./errors.ts";
export type { PackageFile } from "./files.ts";
export { packageLimits } from "./limits.ts";
export { packPackage } from "./pack-package.ts";
export { type BuiltManifest, type PluginPackage, readPackage } from "./read-package.ts";
