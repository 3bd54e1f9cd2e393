import { request as httpRequest } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createTestHost, type TestHost } from "@plugboard/plugin-sdk/testing";
import { type ShopifySimulator, startShopifySimulator } from "@plugboard/simulator-shopify";

/** The name under which the stand-in's store is called. */
export const domain = "blue-lamp.myshopify.com";

/** The plugin before a store of the stand-in. */
export interface Store {
  shopify: TestHost;
  vendor: ShopifySimulator;
  /** By the stand-in's clock. */
  now: number;
  /** A record that searches do not find yet. */
  unindexed: string | undefined;
  /** What answers in the stand-in's place. */
  instead: (() => Response) | undefined;
  /** A product, a second after what was there. */
  create(title: string): Promise<{ id: string; title: string }>;
}

export async function openStore(t: TestContext): Promise<Store> {
  const vendor = await startShopifySimulator({ nowMs: () => store.now });
  const shopify = await createTestHost({
    directory: join(import.meta.dirname, ".."),
    config: { shop: "blue-lamp" },
    answer: async (request) => store.instead?.() ?? forward(request, vendor.url, () => store.unindexed),
  });
  t.after(async () => {
    await shopify.close();
    await vendor.close();
  });
  const store: Store = {
    shopify,
    vendor,
    now: Date.UTC(2026, 10, 1),
    unindexed: undefined,
    instead: undefined,
    async create(title) {
      store.now += 1_000;
      return (await shopify.run("create-product", { title })) as { id: string; title: string };
    },
  };
  return store;
}

/** To the stand-in under the shop's name, with a token, as a host sends it. */
async function forward(
  request: Request,
  address: string,
  unindexed: () => string | undefined,
): Promise<Response> {
  const { pathname, host } = new URL(request.url);
  const body = await request.text();
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "x-shopify-access-token": "shpat_test", host };
    const outgoing = httpRequest(address + pathname, { method: request.method, headers }, async (reply) => {
      const text = Buffer.concat(await reply.toArray()).toString();
      resolve(new Response(without(unindexed(), text), { status: reply.statusCode ?? 0 }));
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

function without(unindexed: string | undefined, text: string): string {
  if (unindexed === undefined) return text;
  const reply = JSON.parse(text) as { data?: { records?: { nodes: { id: string }[] } } };
  const { records } = reply.data ?? {};
  if (records) records.nodes = records.nodes.filter(({ id }) => id !== unindexed);
  return JSON.stringify(reply);
}
