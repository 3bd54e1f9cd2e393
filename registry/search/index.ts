export { searchEntry } from "./index-entry.ts";
export { searchRoutes } from "./routes.ts";
export { createSearch } from "./search.ts";
