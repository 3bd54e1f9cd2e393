export { createEvents, type Event, type Events, type NewEvent } from "./events.ts";
export { createEventRoutes } from "./routes.ts";
