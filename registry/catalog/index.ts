export { addRelease, refreshListing } from "./add-release.ts";
export { type Catalog, createCatalog, type PublishedVersion } from "./catalog.ts";
export { catalogRoutes } from "./routes.ts";
export { isOffered, isRange, pinnedVersion } from "./versions.ts";
