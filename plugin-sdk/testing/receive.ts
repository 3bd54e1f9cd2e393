import type { Json, NormalizedEvent } from "../author/index.ts";
import type { WebhooksDeclaration } from "../manifest/index.ts";
import {
  acknowledge,
  answerHandshake,
  isHandshake,
  readBody,
  valueAt,
  type WebhookRequest,
} from "../webhooks/index.ts";
import type { ReceivedDelivery, TestDelivery } from "./test-delivery.ts";

/** What stands for the secrets of an endpoint, where a test does not say them. */
const defaults = { secret: "test-secret", token: "test-token" };

export interface ReceiveOptions {
  declared: Partial<WebhooksDeclaration>;
  secrets: { secret?: string; token?: string } | undefined;
  /** What the plugin makes of a delivery. */
  normalize(given: { [member: string]: Json }): Promise<NormalizedEvent[]>;
}

/** Takes what a vendor sends as a host does: a handshake is answered without the plugin, a delivery read and acknowledged. */
export async function receive(
  delivery: TestDelivery,
  { declared, secrets, normalize }: ReceiveOptions,
): Promise<ReceivedDelivery> {
  const request = requestOf(delivery);
  const { handshake } = declared;
  if (handshake && isHandshake(handshake, request))
    return { reply: answerHandshake(handshake, request, { ...defaults, ...secrets }), events: [] };
  if (request.method !== "POST") return { reply: { status: 405, body: "" }, events: [] };
  return { events: await normalize(deliveryOf(delivery, declared)), reply: acknowledge(declared) };
}

/** What `normalize` is handed of a delivery. */
export function deliveryOf(
  delivery: TestDelivery,
  { eventType, eventId }: Partial<WebhooksDeclaration>,
): { [member: string]: Json } {
  const request = requestOf(delivery);
  const { headers, body } = request;
  const type = delivery.type ?? valueAt(eventType, request);
  const id = delivery.id ?? valueAt(eventId, request);
  return {
    headers: { ...headers },
    ...(body !== undefined && { body }),
    rawBody: rawBodyOf(delivery),
    ...(type && { type }),
    ...(id && { id }),
  };
}

function requestOf(delivery: TestDelivery): WebhookRequest {
  const { method = "POST", headers = {}, query = {}, rawBody } = delivery;
  const type = rawBody === undefined ? undefined : headers["content-type"];
  const body = method === "GET" ? undefined : readBody(rawBodyOf(delivery), type);
  return { method, headers, query, body };
}

const rawBodyOf = ({ body, rawBody }: TestDelivery): string => rawBody ?? JSON.stringify(body ?? null);
