export type { Listing, Publication, Registry, Review, SearchQuery } from "./client/index.ts";
export { openRegistry, openRegistryWith } from "./open.ts";
export { findRegistryUrl } from "./registry-url.ts";
