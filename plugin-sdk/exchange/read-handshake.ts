import { readRequest } from "./read-request.ts";
import { ExchangeRefusal } from "./refusal.ts";
import type { PluginRequest } from "./types.ts";

/** A socket that a plugin wants to have opened, checked; `url` begins with https, as permissions have it. */
export interface Handshake extends PluginRequest {
  method: "WEBSOCKET";
  protocols: readonly string[];
}

/** RFC 9110, section 5.6.2; of several in one text (RFC 6455, section 4.1) the vendor would see more than were asked for. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Turns what a plugin's `connect` has answered into the request that asks for a socket.
 * @throws ExchangeRefusal `fetch-invalid-request`
 */
export function readHandshake(opening: {
  url: string;
  headers?: { [name: string]: string } | undefined;
  protocols?: readonly string[] | undefined;
}): Handshake {
  const { headers = {}, protocols = [] } = opening;
  const url = URL.parse(opening.url);
  if (url?.protocol !== "wss:")
    throw invalid(`A stream's URL must begin with wss://${url ? `, not ${url.protocol}` : ""}.`);
  if (protocols.some((protocol) => !token.test(protocol)))
    throw invalid("A subprotocol may hold letters, digits and !#$%&'*+-.^_`|~ only (RFC 6455).");
  if (new Set(protocols).size < protocols.length) throw invalid("Each subprotocol may be named once.");
  const https = `https${url.href.slice("wss".length)}`;
  const asked = { method: "GET", url: https, headers: Object.entries(headers), body: null };
  return { ...readRequest(asked, { maxRequestBytes: 0 }), method: "WEBSOCKET", protocols };
}

function invalid(message: string): ExchangeRefusal {
  return new ExchangeRefusal("fetch-invalid-request", message);
}
