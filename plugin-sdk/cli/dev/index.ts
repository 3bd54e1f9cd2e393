export { formatRequest } from "../../egress/index.ts";
export { callDevServer } from "./client.ts";
export { readInput } from "./input.ts";
export { type DevOptions, runDev } from "./run-dev.ts";
export type { DevEvent } from "./session.ts";
