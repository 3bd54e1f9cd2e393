import type { Json } from "../manifest/index.ts";

/** What came to the endpoint. */
export interface WebhookRequest {
  method: string;
  /** By name in lower case. */
  headers: { readonly [name: string]: string };
  /** Of the address; of what is there twice, the first. */
  query: { readonly [name: string]: string };
  /** As parsed; undefined when there is none, or it cannot be. */
  body: Json | undefined;
}

/** What the vendor is answered. */
export interface WebhookReply {
  status: number;
  contentType?: string;
  body: string;
}
