export {
  createEvents,
  type Event,
  type EventQuota,
  type Events,
  type NewEvent,
  type PublishedEvent,
} from "./events.ts";
export { createEventRoutes } from "./routes.ts";
