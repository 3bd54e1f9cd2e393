export type { Entry } from "./entry.ts";
export type { Facets, FacetValue } from "./facets.ts";
export { type FacetName, type Filters, facetNames } from "./filters.ts";
export { createListingIndex, type Found, type ListingIndex } from "./listing-index.ts";
export { type Place, type Sort, sorts } from "./order.ts";
