/** How apps get into shops and hear from them, as Shopify's own library checks it. */
import "@shopify/shopify-api/adapters/node";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { ApiVersion, LogSeverity, type Session, shopifyApi } from "@shopify/shopify-api";
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime";
import { type Connected, connect, sendTo } from "./connect.ts";

const domain = "north.myshopify.com";
const secret = "shpss_of_the_app";
const app = shopifyApi({
  apiKey: "app-1",
  apiSecretKey: secret,
  scopes: ["read_products", "write_orders"],
  hostName: "app.example",
  apiVersion: ApiVersion.October26,
  isEmbeddedApp: false,
  logger: { level: LogSeverity.Error, log: () => {} },
});

let store: Connected;
let server: Server;
let address: string;
let now = Date.now();
/** What the app made of its callbacks. */
const outcomes: (Session | Error)[] = [];
/** What it made of webhooks, and what it answers. */
const heard: { valid: boolean; topic: string | undefined; body: string }[] = [];
let answer = 200;

before(async () => {
  server = createServer(async (request, response) => {
    const parts = { rawRequest: request, rawResponse: response };
    const { url = "" } = request;
    if (url === "/auth")
      return app.auth.begin({ ...parts, shop: domain, callbackPath: "/auth/callback", isOnline: false });
    if (url.startsWith("/auth/callback")) {
      await app.auth.callback({ ...parts, expiring: true }).then(
        ({ session }) => outcomes.push(session),
        (error: Error) => outcomes.push(error),
      );
      return response.end();
    }
    heard.push(await hear(request));
    response.writeHead(answer).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  store = await connect(
    { after: () => {} },
    {
      shops: { [domain]: { accessTokens: ["shpat_main"] } },
      apps: { "app-1": { clientSecret: secret, redirectUris: ["https://app.example/auth/callback"] } },
      webhookSecret: secret,
      addressOf: (uri) => uri.replace("https://app.example", address),
      nowMs: () => now,
    },
  );
  // biome-ignore lint/suspicious/noExplicitAny: its types are those of browsers
  setAbstractFetchFunc((async (url: string, init: any) => {
    const headers = Object.fromEntries(Object.entries(init.headers ?? {}).map(([k, v]) => [k, String(v)]));
    return sendTo(store.url, new URL(url), { ...init, headers });
    // biome-ignore lint/suspicious/noExplicitAny: as above
  }) as any);
});

after(async () => {
  await store.close();
  server.closeAllConnections();
  server.close();
});

async function hear(rawRequest: IncomingMessage) {
  const rawBody = await text(rawRequest);
  const outcome = await app.webhooks.validate({ rawBody, rawRequest });
  return { valid: outcome.valid, topic: outcome.valid ? outcome.topic : undefined, body: rawBody };
}

/** A browser on its way from the app to Shopify and back, with the app's cookies. */
async function install(tamper: (back: URL) => void = () => {}): Promise<Session | Error | undefined> {
  // The library does not talk to what says that it is no browser.
  const headers = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };
  const begun = await fetch(`${address}/auth`, { redirect: "manual", headers });
  const cookie = begun.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  const there = new URL(begun.headers.get("location") ?? "");
  const agreed = await sendTo(store.url, there, {});
  const back = new URL(agreed.headers.get("location") ?? "");
  tamper(back);
  await fetch(`${address}${back.pathname}${back.search}`, { headers: { ...headers, cookie } });
  return outcomes.at(-1);
}

test("an app is installed: its library takes the answer for Shopify's, and the token works", async () => {
  const session = await install();
  assert.ok(session && "accessToken" in session, String(session));
  assert.equal(session.shop, domain);
  assert.equal(session.scope, "read_products,write_orders");
  const shopify = store.as({ accessToken: session.accessToken ?? "" });
  assert.equal((await shopify.request("{ products(first: 1) { nodes { id } } }")).errors, undefined);
  const { status } =
    (await shopify.request("{ customers(first: 1) { nodes { id } } }")).errors?.response ?? {};
  assert.equal(status, 200, "a missing scope is no HTTP error");

  now += 3_600_000;
  const ended = await shopify.request("{ shop { id } }");
  assert.equal(ended.errors?.networkStatusCode, 401);
  const { refreshToken = "" } = session;
  const { session: renewed } = await app.auth.refreshToken({ shop: domain, refreshToken });
  assert.notEqual(renewed.refreshToken, refreshToken);
  const again = store.as({ accessToken: renewed.accessToken ?? "" });
  assert.equal((await again.request("{ shop { id } }")).errors, undefined);
  await assert.rejects(app.auth.refreshToken({ shop: domain, refreshToken }), "a refresh token is good once");
  const { session: own } = await app.auth.clientCredentials({ shop: domain });
  assert.match(own.accessToken ?? "", /^shpat_/);
});

test("an answer that was changed on its way is refused by the app's library", async () => {
  now = Date.now();
  const outcome = await install((back) => back.searchParams.set("shop", "south.myshopify.com"));
  assert.equal(outcome?.constructor.name, "InvalidOAuthError");
  const elsewhere = await sendTo(
    store.url,
    new URL(`https://${domain}/admin/oauth/authorize?client_id=app-1&redirect_uri=https://evil.example/`),
    {},
  );
  assert.equal(elsewhere.status, 400);
});

test("webhooks are signed as the app's library has it, and come again until they are taken", async () => {
  const subscribe = async (topic: string) =>
    store.shopify.request(
      `mutation ($topic: WebhookSubscriptionTopic!) {
        webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: "https://app.example/webhooks" }) {
          webhookSubscription { id } userErrors { message }
        }
      }`,
      { variables: { topic } },
    );
  await subscribe("PRODUCTS_CREATE");
  answer = 500;
  await store.shopify.request(`mutation { productCreate(product: { title: "Lamp" }) { product { id } } }`);
  await store.deliverDue();

  assert.equal(heard.length, 1);
  const [first] = heard;
  assert.deepEqual([first?.valid, first?.topic], [true, "PRODUCTS_CREATE"]);
  assert.equal(JSON.parse(first?.body ?? "").title, "Lamp");

  await store.deliverDue();
  assert.equal(heard.length, 1, "not before its time");
  now += 60_000;
  answer = 200;
  await store.deliverDue();
  now += 86_400_000;
  await store.deliverDue();
  const [delivery] = store.deliveries;
  assert.deepEqual(delivery?.statuses, [500, 200]);

  store.send(domain, "shop/redact", { shop_id: 1, shop_domain: domain }, "https://app.example/webhooks");
  await store.deliverDue();
  assert.deepEqual([heard.at(-1)?.valid, heard.at(-1)?.topic], [true, "SHOP_REDACT"]);
});
