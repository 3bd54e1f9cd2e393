export { createModeration } from "./moderation.ts";
export { appendAudit } from "./queries.ts";
export { moderationRoutes } from "./routes.ts";
