export { type SearchEntry, searchEntry } from "./index-entry.ts";
export { searchRoutes } from "./routes.ts";
export { createSearch, type Search } from "./search.ts";
