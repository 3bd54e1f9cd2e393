import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { HandshakeValue, WebhookHandshake } from "../manifest/index.ts";
import { valueAt } from "./value-at.ts";
import type { WebhookReply, WebhookRequest } from "./webhook-request.ts";

/** What is repeated to whoever asks is short, and nothing that a browser or a log takes for more than text. */
const printable = /^[\x20-\x7e]{1,1024}$/;

/** What the secret signs is no body of a delivery, and no part of what schemes put before one. */
const signable = /^[A-Za-z0-9_-]{1,256}$/;

/** What an endpoint's handshakes are held to. */
export interface HandshakeSecrets {
  /** Signs deliveries. */
  secret: string;
  /** The tenant gave it to the vendor for handshakes. */
  token: string;
}

/** Whether a request asks for a handshake, and is no delivery. */
export function isHandshake(declared: WebhookHandshake, request: WebhookRequest): boolean {
  const { method, when, challenge } = declared;
  if (request.method !== method) return false;
  return when ? valueAt(when.at, request) === when.equals : valueAt(challenge, request) !== undefined;
}

/**
 * What a handshake is answered: 403 to who does not prove what is declared, 400 where the challenge is missing, or is none.
 * With `proof` `signature` the caller has verified the request, as it verifies deliveries, before it asks here.
 */
export function answerHandshake(
  declared: WebhookHandshake,
  request: WebhookRequest,
  { secret, token }: HandshakeSecrets,
): WebhookReply {
  const { proof, reply } = declared;
  if (proof === "token" && !isSame(valueAt(declared.token, request), token)) return { status: 403, body: "" };
  const challenge = valueAt(declared.challenge, request) ?? "";
  const values = reply.type === "json" ? Object.values(reply.fields) : [];
  const isSigned = values.some((value) => value !== "challenge");
  if (!(isSigned ? signable : printable).test(challenge)) return { status: 400, body: "" };
  if (reply.type === "text")
    return { status: 200, contentType: "text/plain; charset=utf-8", body: challenge };
  const fields = Object.entries(reply.fields).map(([name, value]) => [
    name,
    answered(value, challenge, secret),
  ]);
  return {
    status: 200,
    contentType: "application/json; charset=utf-8",
    body: JSON.stringify(Object.fromEntries(fields)),
  };
}

function answered(value: HandshakeValue, challenge: string, secret: string): string {
  if (value === "challenge") return challenge;
  const encoding = value === "hmac-sha256-hex" ? "hex" : "base64";
  return createHmac("sha256", secret).update(challenge).digest(encoding);
}

/** In a time that does not tell how much of it was right. An empty token is nobody's. */
function isSame(given: string | undefined, expected: string): boolean {
  if (!given || !expected) return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
