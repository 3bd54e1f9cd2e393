import { request as httpRequest } from "node:http";
import type { TestContext } from "node:test";
import { type AdminApiClient, type ClientResponse, createAdminApiClient } from "@shopify/admin-api-client";
import { type ShopifySimulator, type ShopifySimulatorOptions, startShopifySimulator } from "../index.ts";

export interface Connected extends ShopifySimulator {
  /** Shopify's own client, of the shop `north` with the token `shpat_main`. */
  shopify: AdminApiClient;
  as(client: { domain?: string; accessToken?: string; retries?: number }): AdminApiClient;
}

/** A simulator for one test, with Shopify's own client pointed at it. */
export async function connect(
  t: Pick<TestContext, "after">,
  options?: ShopifySimulatorOptions,
): Promise<Connected> {
  const simulator = await startShopifySimulator(options);
  t.after(() => simulator.close());
  const as: Connected["as"] = ({ domain = "north.myshopify.com", accessToken = "shpat_main", retries = 0 }) =>
    createAdminApiClient({
      storeDomain: domain,
      apiVersion: "2026-10",
      accessToken,
      retries,
      customFetchApi: (url, init = {}) => sendTo(simulator.url, new URL(url), init),
    });
  return { ...simulator, as, shopify: as({}) };
}

interface GraphqlError {
  message: string;
  locations?: object[];
  extensions: { code: string };
}

/** The first of the errors that a reply to a query holds. */
export function errorOf({ errors }: ClientResponse): GraphqlError {
  const first: unknown = errors?.graphQLErrors?.[0];
  return { message: "", extensions: { code: "" }, ...(first as Partial<GraphqlError> | undefined) };
}

interface Init {
  method?: string;
  headers?: { [name: string]: string | string[] };
  body?: string;
}

/** What `fetch` sends, to another address: fetch itself would not send the shop's name as the host's. */
export function sendTo(
  address: string,
  url: URL,
  { method = "GET", headers = {}, body = "" }: Init,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      new URL(url.pathname + url.search, address),
      { method, headers: { ...headers, host: url.host } },
      async (reply) => {
        const bytes = Buffer.concat(await reply.toArray());
        const sent = Object.entries(reply.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]);
        resolve(new Response(new Uint8Array(bytes), { status: reply.statusCode ?? 0, headers: sent }));
      },
    );
    request.once("error", reject);
    request.end(body);
  });
}
