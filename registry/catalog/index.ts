export { addRelease, refreshListing } from "./add-release.ts";
export { type Catalog, createCatalog, type PublishedVersion } from "./catalog.ts";
export { listingFiles } from "./listing-files.ts";
export { catalogRoutes } from "./routes.ts";
export { isOffered, isRange } from "./versions.ts";
