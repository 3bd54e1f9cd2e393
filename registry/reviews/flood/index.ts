export { suspectFlood } from "./flood.ts";
