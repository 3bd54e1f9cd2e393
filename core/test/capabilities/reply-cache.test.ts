import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import {
  headerOf,
  key,
  type PluginOptions,
  pluginOf,
  startVendor,
  textOf,
  turnedClock,
  vendorUrl,
} from "./harness.ts";

const cache = [{ paths: ["/kept/**"] }, { paths: ["/silent"], defaultSeconds: 60 }];
const url = `${vendorUrl}/kept/a`;

async function kept(t: TestContext, headers: Record<string, string>, options: PluginOptions = {}) {
  const clock = turnedClock();
  const vendor = await startVendor(t, (_, response, { headers: asked }) => {
    const isSame = headers.etag !== undefined && asked["if-none-match"] === headers.etag;
    response.writeHead(isSame ? 304 : 200, { date: new Date(clock.now()).toUTCString(), ...headers });
    response.end(isSame ? "" : `body ${vendor.requests.length} ${key}`);
  });
  return { clock, vendor, plugin: pluginOf(t, vendor, { clock, requests: { cache }, ...options }) };
}

const fresh = { "cache-control": "max-age=60" };

describe("a reply that is declared for keeping", () => {
  test("is answered from memory while it is fresh, without the secret, and with its age", async (t) => {
    const { clock, vendor, plugin } = await kept(t, fresh);
    const first = await plugin.fetch({ url });
    clock.turn(59_000);
    const second = await plugin.fetch({ url });
    assert.equal(textOf(second), "body 1 [redacted]");
    assert.deepEqual([textOf(second), second.status, second.url], [textOf(first), 200, url]);
    assert.equal(headerOf(second, "age"), "59");
    clock.turn(1_000);
    assert.equal(textOf(await plugin.fetch({ url })), "body 2 [redacted]");
    assert.equal(vendor.requests.length, 2);
    assert.match(
      await plugin.metrics.text(),
      /egress_cache_hits_total\{plugin="acme\/vendor",host="api.vendor.test"\} 1/,
    );
  });

  test("is the plugin's to change, not the next one's", async (t) => {
    const { plugin } = await kept(t, fresh);
    await plugin.fetch({ url });
    (await plugin.fetch({ url })).body.fill(0);
    assert.match(textOf(await plugin.fetch({ url })), /^body 1/);
  });

  test("takes no turn of the vendor's limits", async (t) => {
    const limits = [{ type: "fixed-window", requests: 1, seconds: 10 } as const];
    const { plugin } = await kept(t, fresh, { requests: { cache, limits }, limits: { maxQueueMs: 0 } });
    for (let i = 0; i < 3; i++) await plugin.fetch({ url });
    await assert.rejects(plugin.fetch({ url: `${vendorUrl}/else` }), { code: "fetch-rate-limited" });
  });

  test("is asked after by its ETag when it is stale, and comes from memory if it is the same", async (t) => {
    const { clock, vendor, plugin } = await kept(t, { ...fresh, etag: '"v1"' });
    await plugin.fetch({ url });
    clock.turn(61_000);
    const again = await plugin.fetch({ url });
    assert.deepEqual([again.status, textOf(again)], [200, "body 1 [redacted]"]);
    assert.equal(vendor.requests[1]?.headers["if-none-match"], '"v1"');
    await plugin.fetch({ url });
    assert.equal(vendor.requests.length, 2, "it is fresh again");
  });

  test("is the connection's alone, and its account's", async (t) => {
    const { vendor, plugin } = await kept(t, fresh);
    await plugin.fetch({ url });
    await plugin.over({ id: "con_2" }).fetch({ url });
    const other = { type: "apiKey", key: "another-account's-key" } as const;
    await plugin.over({ credential: async () => other }).fetch({ url });
    assert.equal(vendor.requests.length, 3);
  });

  test("is another one under another header that the vendor names (Vary)", async (t) => {
    const { vendor, plugin } = await kept(t, { ...fresh, vary: "Accept-Language" });
    const of = (language: string) => plugin.fetch({ url, headers: [["Accept-Language", language]] });
    await of("de");
    await of("de");
    assert.equal(vendor.requests.length, 1);
    await of("fr");
    assert.equal(vendor.requests.length, 2);
  });

  test("goes with a write to its URL, and with nothing else", async (t) => {
    const { vendor, plugin } = await kept(t, fresh);
    await plugin.fetch({ url });
    await plugin.fetch({ url: `${url}?q=1` });
    await plugin.fetch({ url: `${vendorUrl}/kept/b`, method: "PUT" });
    await plugin.fetch({ url });
    assert.equal(vendor.requests.length, 3);
    await plugin.fetch({ url, method: "DELETE" });
    await plugin.fetch({ url });
    await plugin.fetch({ url: `${url}?q=1` });
    assert.equal(vendor.requests.length, 6);
  });

  test("is fresh for as long as the author says, where the vendor says nothing", async (t) => {
    const { clock, vendor, plugin } = await kept(t, {});
    for (let i = 0; i < 2; i++) await plugin.fetch({ url: `${vendorUrl}/silent` });
    clock.turn(60_000);
    await plugin.fetch({ url: `${vendorUrl}/silent` });
    assert.equal(vendor.requests.length, 2);
  });
});

describe("nothing is kept", () => {
  const never: [string, Record<string, string>, object][] = [
    ["that is not declared", fresh, { url: `${vendorUrl}/else` }],
    ["that the vendor wants not to be", { "cache-control": "no-store" }, { url }],
    ["of which nobody says how long it is right", {}, { url }],
    ["that varies with everything", { ...fresh, vary: "*" }, { url }],
    ["of a write", fresh, { url, method: "POST" }],
    [
      "that the plugin asks for under a condition of its own",
      fresh,
      { url, headers: [["If-None-Match", "x"]] },
    ],
    ["that the plugin wants anew", fresh, { url, headers: [["Cache-Control", "no-cache"]] }],
  ];
  for (const [what, headers, request] of never) {
    test(what, async (t) => {
      const { vendor, plugin } = await kept(t, headers);
      await plugin.fetch(request);
      await plugin.fetch(request);
      assert.equal(vendor.requests.length, 2);
    });
  }

  test("that takes more than there is room for", async (t) => {
    for (const limit of ["maxCacheBytes", "maxCacheBytesPerConnection"]) {
      const { vendor, plugin } = await kept(t, fresh, { limits: { [limit]: 1_000 } });
      for (let i = 0; i < 2; i++) await plugin.fetch({ url });
      assert.equal(vendor.requests.length, 2, limit);
    }
  });

  test("longer than there is room: a connection's oldest goes for its newest", async (t) => {
    const { vendor, plugin } = await kept(t, fresh, { limits: { maxCacheBytesPerConnection: 3_000 } });
    for (const path of ["a", "b", "c", "a", "c"]) await plugin.fetch({ url: `${vendorUrl}/kept/${path}` });
    assert.deepEqual(
      vendor.requests.map(({ url: path }) => path.at(-1)),
      ["a", "b", "c", "a"],
    );
  });

  test("that a redirect led to, or that is one", async (t) => {
    const clock = turnedClock();
    const headers = { ...fresh, etag: '"1"', date: new Date(clock.now()).toUTCString() };
    const vendor = await startVendor(t, (_, response, { url: path }) =>
      path === "/kept/a"
        ? response.writeHead(301, { ...headers, location: "/elsewhere" }).end()
        : response.writeHead(200, headers).end("target"),
    );
    const plugin = pluginOf(t, vendor, { clock, requests: { cache } });
    for (const redirect of ["follow", "manual", "follow"]) await plugin.fetch({ url, redirect });
    assert.deepEqual(
      vendor.requests.map(({ url: path }) => path),
      ["/kept/a", "/elsewhere", "/kept/a", "/kept/a", "/elsewhere"],
    );
    await assert.rejects(plugin.fetch({ url, redirect: "error" }), { code: "fetch-redirect-refused" });
  });

  test("where the request's own headers are more than there is room for", async (t) => {
    const limits = { maxCacheBytesPerConnection: 8_000 };
    const { vendor, plugin } = await kept(t, { ...fresh, vary: "x-long" }, { limits });
    for (const [name, size, asked] of [
      ["x-long", 9_000, 2],
      ["x-other", 9_000, 3],
      ["cache-control", 201, 5],
    ] as const) {
      const headers = [[name, `a=${"b".repeat(size)}`]];
      for (let i = 0; i < 2; i++) await plugin.fetch({ url: `${url}/${name}`, headers });
      assert.equal(vendor.requests.length, asked, name);
    }
  });
});
