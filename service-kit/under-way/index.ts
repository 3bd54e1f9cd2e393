export { createUnderWay, type UnderWay } from "./under-way.ts";
