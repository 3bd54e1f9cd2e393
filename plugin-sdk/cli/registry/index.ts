export type { Listing, Publication, Registry, Review, SearchQuery } from "./client/index.ts";
export { openRegistry } from "./open.ts";
