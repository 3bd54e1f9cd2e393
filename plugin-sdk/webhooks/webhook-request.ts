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

/**
 * What the vendor is answered. Whoever knows the address may have a browser ask for it: a host sends it with
 * `X-Content-Type-Options: nosniff` and `Content-Security-Policy: sandbox; default-src 'none'`.
 */
export interface WebhookReply {
  status: number;
  contentType?: string;
  body: string;
}
