export type { CoreOptions } from "./core-options.ts";
export { type Core, createCore } from "./create-core.ts";
