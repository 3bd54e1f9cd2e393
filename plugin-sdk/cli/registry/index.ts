export { openRegistry, type Publication, type Registry } from "./client.ts";
export { findRegistryUrl } from "./registry-url.ts";
