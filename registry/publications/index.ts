export { createPublications, type Publications } from "./publications.ts";
export { publicationRoutes } from "./routes.ts";
export { createValidationQueue, type ValidationQueue } from "./validation-queue.ts";
