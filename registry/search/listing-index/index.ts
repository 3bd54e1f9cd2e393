export type { Entry } from "./entry.ts";
export type { Facets, FacetValue } from "./facets.ts";
export type { Filters } from "./filters.ts";
export { createListingIndex, type Found, type ListingIndex } from "./listing-index.ts";
export { type Place, type Sort, sorts } from "./order.ts";
export { type FacetName, facetNames } from "./values.ts";
