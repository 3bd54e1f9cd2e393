import { PluginError, readJson, sendRequest } from "@plugboard/plugin-sdk";
import { errorOfReply, errorOfStatus, type GraphqlReply } from "./errors.ts";

/** Pinned; supported for a year after its release: https://shopify.dev/docs/api/usage/versioning */
const apiVersion = "2026-10";

/** The part of a call's context that a request needs. The host adds the access token on the way out. */
export interface Admin {
  fetch: typeof fetch;
  connection: { readonly config: { readonly [setting: string]: unknown } };
}

export interface Variables {
  [name: string]: unknown;
}

/**
 * Runs one document against the Admin GraphQL API and answers its `data`.
 *
 * @param idempotencyKey only with a document that hands it to Shopify in `@idempotent`: it tells the host that the
 *   request may be sent again
 * @throws PluginError when Shopify refuses the request or any part of the document
 */
export async function ask<Data>(
  admin: Admin,
  document: string,
  variables: Variables,
  idempotencyKey?: string,
): Promise<Data> {
  const reply = await send<Data>(admin, document, variables, idempotencyKey);
  if (reply?.errors) throw errorOfReply(reply);
  if (!reply?.data) throw new PluginError("vendor-error", "Shopify answered without data.");
  return reply.data;
}

/**
 * The same, and answers the reply whatever Shopify says in it of the document.
 *
 * @throws PluginError when Shopify refuses the request
 */
export async function send<Data>(
  { fetch, connection }: Admin,
  document: string,
  variables: Variables,
  idempotencyKey?: string,
): Promise<GraphqlReply<Data> | null> {
  const url = `https://${connection.config.shop}.myshopify.com/admin/api/${apiVersion}/graphql.json`;
  const json = { query: document, variables };
  const response = await sendRequest(fetch, url, { json, idempotencyKey, error: errorOfStatus });
  return readJson<GraphqlReply<Data> | null>(response);
}
