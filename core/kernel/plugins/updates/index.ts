export { createUpdates, type Updates, type UpdateSettings } from "./updates.ts";
