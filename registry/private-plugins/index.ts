export { audienceOf, ownerOf, visibilityProblems } from "./audience.ts";
export { createPublisherLinks, endLinks } from "./links.ts";
export { publisherLinkRoutes } from "./routes.ts";
