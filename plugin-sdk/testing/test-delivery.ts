import type { NormalizedEvent } from "../author/index.ts";

/** What a vendor sends, as a test makes it up. */
export interface TestDelivery {
  /** Anything that can be written as JSON. */
  body?: unknown;
  /** Instead of `body`, the text as it comes: XML, a form (with its `content-type`), or JSON as the vendor writes it. */
  rawBody?: string;
  /** By name in lower case. */
  headers?: { [name: string]: string };
  /** Default: what `webhooks.eventType` and `webhooks.eventId` of plugin.json point at. */
  type?: string;
  id?: string;
  /** `GET` for a handshake that is one. Default `POST`. */
  method?: "GET" | "POST";
  /** Of the address, by name. */
  query?: { [name: string]: string };
}

/** What became of it. */
export interface ReceivedDelivery {
  /** What the vendor is answered; `body` is "" where there is none. */
  reply: { status: number; contentType?: string; body: string };
  /** What the plugin made of it; none of a handshake, which the plugin does not see. */
  events: NormalizedEvent[];
}
