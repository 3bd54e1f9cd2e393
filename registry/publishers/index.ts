export { createPublishers, type Publishers } from "./publishers.ts";
export { isKeyInUse } from "./queries.ts";
export { publisherRoutes } from "./routes.ts";
