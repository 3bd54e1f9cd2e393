export { gatherBytes } from "./gather.ts";
