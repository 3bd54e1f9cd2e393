export { publishBundledPlugins } from "./bundled/index.ts";
export { createRegistry, type Registry, type RegistryOptions } from "./create-registry.ts";
export { registryErrorTable } from "./errors.ts";
export { parseReviewSettings } from "./reviews/index.ts";
export type { Scanner } from "./scanning/index.ts";
