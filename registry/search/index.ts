export { searchRoutes } from "./routes.ts";
export { createSearch } from "./search.ts";
