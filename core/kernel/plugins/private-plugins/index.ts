export { createPublisherLinkRoutes } from "./routes.ts";
