import { PluginError } from "@plugboard/plugin-sdk";
import { errorFromGraphql, errorFromStatus, type GraphqlFailure } from "./errors.ts";

/** Pinned; supported for a year after its release: https://shopify.dev/docs/api/usage/versioning */
const apiVersion = "2026-10";

/** The part of the context that a query needs. The host adds the access token on the way out. */
interface QueryContext {
  fetch: typeof fetch;
  connection: { config: Record<string, unknown> };
}

/**
 * Runs one query against the Admin GraphQL API and answers its `data`.
 *
 * @throws {PluginError} when Shopify refuses the request or any part of the query
 */
export async function queryShopify<T>(
  { fetch, connection }: QueryContext,
  query: string,
  variables: Record<string, unknown>,
): Promise<T> {
  const url = `https://${connection.config.shop}.myshopify.com/admin/api/${apiVersion}/graphql.json`;
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  if (!response.ok) throw errorFromStatus(response);
  const reply = (await response.json()) as { data?: T } & GraphqlFailure;
  if (reply.errors) throw errorFromGraphql(reply);
  if (reply.data === undefined) throw new PluginError("vendor-error", "Shopify answered without data");
  return reply.data;
}
