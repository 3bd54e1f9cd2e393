export { createUpkeep, type UpkeepTask, upkeepQueue } from "./upkeep.ts";
