export { openRegistry, type Publication, type Registry } from "./client.ts";
export { ensureRegistered } from "./register.ts";
export { findRegistryUrl } from "./registry-url.ts";
export { waitForPublication } from "./wait.ts";
