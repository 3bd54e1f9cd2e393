import type { WebhooksDeclaration } from "../manifest/index.ts";
import type { WebhookReply } from "./webhook-request.ts";

/** What a delivery is answered, once what it tells is stored. */
export function acknowledge({ acknowledge }: Partial<WebhooksDeclaration>): WebhookReply {
  if (!acknowledge) return { status: 200, body: "" };
  const { status = 200, contentType, body } = acknowledge;
  return { status, contentType: `${contentType}; charset=utf-8`, body };
}
