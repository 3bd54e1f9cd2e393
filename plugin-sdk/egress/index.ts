export { createNetwork } from "./network.ts";
export { createPluginFetch, type PluginEgress } from "./plugin-fetch.ts";
export { readBody } from "./read-body.ts";
export { createReplies } from "./replies.ts";
export type { OutgoingRequest, Send } from "./send.ts";
export { formatRequest, type TracedRequest } from "./trace.ts";
