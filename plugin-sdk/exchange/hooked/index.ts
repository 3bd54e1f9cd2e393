// What hooks are handed of requests and replies, and what may come of their answers: the same in every host.
export { HookAnswerRefusal } from "./refusal.ts";
export { readHookedReply, toHookedReply } from "./reply.ts";
export { readHookedRequest, toHookedRequest } from "./request.ts";
