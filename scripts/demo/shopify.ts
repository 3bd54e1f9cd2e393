import { type Api, expectSame, expectStatus, runAction } from "./api.ts";
import { install } from "./install.ts";
import type { Narrator } from "./narrator.ts";
import { type Stage, shop } from "./stage.ts";

/** Each list costs some 32 points, so that all cost half again as much as the shop's bucket holds. */
const products = 10;
const listsAtOnce = 50;
const rounds = 2;

/** A shop's owner installs the operator's app; then more is asked of the shop than it takes. @returns the connection */
export async function openShop(stage: Stage, api: Api, narrator: Narrator): Promise<string> {
  narrator.chapter("A shop is connected by its owner, over OAuth");
  const { shopify, apps, admin, address } = stage;
  const domain = `${shop}.myshopify.com`;

  await narrator.step("The operator gives the host its app at Shopify, once for all tenants", async () => {
    const tokenUrl = "https://{shop}.myshopify.com/admin/oauth/access_token";
    const client = { ...apps.shopify, tokenUrl, grants: ["authorization_code"] };
    const answer = expectStatus(await admin.put("/api/v1/oauth-clients/plugboard/shopify", client), 200);
    if (JSON.stringify(answer).includes(apps.shopify.clientSecret))
      throw new Error("the answer holds the secret");
    return { value: undefined, lines: [`${apps.shopify.clientId}, for ${tokenUrl} and nowhere else`] };
  });

  const installId = await install(api, narrator, "plugboard/shopify", { search: "shopify", range: "^1.0.0" });

  const { connection, url } = await narrator.step(
    "A connection waits for the owner, and has a link for them",
    async () => {
      const made = expectStatus(
        await api.post("/api/v1/connections", {
          installId,
          name: "The shop",
          config: { shop },
          auth: { type: "oauth2", grant: "authorization_code" },
        }),
        201,
      );
      const begun = expectStatus(await api.post(`/api/v1/connections/${made.id}/authorize`, {}), 200);
      const there = new URL(String(begun.url));
      expectSame("the link leads to", there.host, domain);
      expectSame("PKCE is", there.searchParams.get("code_challenge_method"), "S256");
      return {
        value: { connection: String(made.id), url: there },
        lines: [`${made.status}: ${there.origin}${there.pathname}?…`],
      };
    },
  );

  const agreed = async (page: URL) => {
    const answer = await fetch(`${shopify.url}${page.pathname}${page.search}`, { redirect: "manual" });
    return new URL(answer.headers.get("location") ?? "");
  };

  await narrator.step(
    "The owner agrees, and comes back: an answer for another shop is not taken, theirs is",
    async () => {
      const forged = await agreed(url);
      forged.searchParams.set("shop", "elsewhere.myshopify.com");
      const refused = await (await fetch(`${address}${forged.pathname}${forged.search}`)).text();
      if (refused.includes("The account is connected")) throw new Error("a forged answer was taken");
      const again = expectStatus(await api.post(`/api/v1/connections/${connection}/authorize`, {}), 200);
      const back = await agreed(new URL(String(again.url)));
      const page = await (await fetch(`${address}${back.pathname}${back.search}`)).text();
      if (!page.includes("The account is connected")) throw new Error("the owner's answer was not taken");
      const { status } = expectStatus(await api.get(`/api/v1/connections/${connection}`), 200);
      expectSame("the connection is", status, "active");
      return {
        value: undefined,
        lines: [`${back.origin}${back.pathname}`, "active, with a token that nobody was shown"],
      };
    },
  );

  await narrator.step(
    `${rounds * listsAtOnce} lists cost more than the shop has points for: they wait, and none is refused`,
    async () => {
      const titles = Array.from({ length: products }, (_, index) => `Lamp ${index + 1}`);
      for (const title of titles) await runAction(api, connection, "create-product", { title });
      const from = shopify.requests.length;
      const startedAt = performance.now();
      for (let round = 0; round < rounds; round++) {
        const lists = Array.from({ length: listsAtOnce }, () =>
          runAction<{ items: unknown[] }>(api, connection, "list-products", { limit: products }),
        );
        for (const { items } of await Promise.all(lists)) expectSame("products", items.length, products);
      }
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const asked = shopify.requests.length - from;
      expectSame("requests that the shop saw, none of them twice", asked, rounds * listsAtOnce);
      return { value: undefined, lines: [`${asked} requests in ${seconds} s`] };
    },
  );

  return connection;
}
