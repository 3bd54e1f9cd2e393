export { audienceOf, ownerOf, visibilityProblems } from "./audience.ts";
export { createPublisherLinks, endLinks, type PublisherLinks } from "./links.ts";
export { publisherLinkRoutes } from "./routes.ts";
