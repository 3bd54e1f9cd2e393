export { createPublishers, type Publishers } from "./publishers.ts";
export { publisherRoutes } from "./routes.ts";
