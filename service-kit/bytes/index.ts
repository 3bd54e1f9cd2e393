export { type Gathering, gatherBytes } from "./gather.ts";
