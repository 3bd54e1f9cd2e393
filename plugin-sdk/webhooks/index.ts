export { acknowledge } from "./acknowledge.ts";
export { answerHandshake, type HandshakeSecrets, isHandshake } from "./handshake.ts";
export { readBody } from "./read-body.ts";
export { valueAt } from "./value-at.ts";
export type { WebhookReply, WebhookRequest } from "./webhook-request.ts";
