export { addRelease, type Release } from "./add-release.ts";
export {
  type Catalog,
  createCatalog,
  type Listing,
  type PublishedVersion,
  type ReleaseSignatures,
} from "./catalog.ts";
export { catalogRoutes } from "./routes.ts";
export { isRange } from "./versions.ts";
