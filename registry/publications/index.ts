export { defaultUploadLimits, type UploadLimits } from "./limits.ts";
export { publicationOperatorRoutes } from "./operator-routes.ts";
export { createPublicationQueue } from "./publication-queue.ts";
export { createPublications } from "./publications.ts";
export { publicationPublisherRoutes } from "./publisher-routes.ts";
export { createNameRegister } from "./queries.ts";
export { publicationRoutes } from "./routes.ts";
