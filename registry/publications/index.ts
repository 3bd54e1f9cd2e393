export { createPublications } from "./publications.ts";
export { publicationRoutes } from "./routes.ts";
export { createValidationQueue } from "./validation-queue.ts";
