export { type Credential, readCredential } from "./credential.ts";
export { createDevFetch, type DevEgress } from "./dev-fetch.ts";
export { createNetwork, type Send } from "./network.ts";
export { createReplies } from "./replies.ts";
export { readStandIns } from "./stand-ins.ts";
export { formatRequest, type TracedRequest } from "./trace.ts";
