export { syncFolder, writeDurably } from "./durable.ts";
