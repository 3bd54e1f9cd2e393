import assert from "node:assert/strict";
import { test } from "node:test";
import type { SearchRequest } from "@plugboard/registry/client";
import { sql } from "kysely";
import { registerPublisher, startRegistry } from "./support/registry.ts";

const calls = (host: string) => ({ network: [{ hosts: [host], methods: ["GET"], reason: "Read" }] });

/** Six plugins that differ in what one filters by. */
const plugins = {
  alpha: {
    displayName: "Alpha",
    categories: ["payments"],
    pricing: { model: "free" },
    permissions: calls("api.example.com"),
  },
  beta: {
    displayName: "Beta",
    categories: ["payments", "crm"],
    pricing: { model: "usage" },
    permissions: { ...calls("api.example.com:8443"), storage: { maxBytes: 1000, reason: "Remember" } },
  },
  gamma: { displayName: "Gamma", categories: ["crm"], pricing: { model: "usage" }, permissions: {} },
  delta: {
    displayName: "Delta",
    categories: ["crm"],
    engines: { plugboard: ">=1.4.0 <2.0.0" },
    permissions: calls("{shop}.example.org"),
    connection: {
      config: {
        type: "object",
        properties: { shop: { type: "string", pattern: "^[a-z]{1,20}$" } },
        required: ["shop"],
      },
    },
  },
};

test("search narrows down, counts and orders", async (t) => {
  const { client, url, database, vouchFor } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const other = await registerPublisher(client, "other");
  for (const [name, manifest] of Object.entries(plugins)) {
    const publisher = name === "gamma" ? other : acme;
    const { status, problems } = await publisher.publish({ name, version: "1.0.0", manifest });
    assert.equal(status, "published", JSON.stringify(problems));
  }
  await vouchFor("other");

  const ids = async (query: SearchRequest) =>
    (await client.search(query)).items.map(({ id }) => id.split("/")[1] ?? "");
  const found = async (query: SearchRequest) => (await ids(query)).toSorted();

  await t.test("by category, of several any", async () => {
    assert.deepEqual(await found({ category: ["payments"] }), ["alpha", "beta"]);
    assert.deepEqual(await found({ category: ["payments", "crm"] }), ["alpha", "beta", "delta", "gamma"]);
    assert.deepEqual(await found({ category: ["none"] }), []);
  });

  await t.test("by pricing, badge, permission, network host and version of the host", async () => {
    assert.deepEqual(await found({ pricing: ["usage"] }), ["beta", "gamma"]);
    assert.deepEqual(await found({ verified: true }), ["gamma"]);
    assert.deepEqual(await found({ verified: false }), ["alpha", "beta", "delta"]);
    assert.deepEqual(await found({ permission: ["storage"] }), ["beta"]);
    assert.deepEqual(await found({ networkHost: "api.example.com" }), ["alpha", "beta"]);
    assert.deepEqual(await found({ networkHost: "example.org" }), ["delta"]);
    assert.deepEqual(await found({ networkHost: "ample.com" }), [], "not the end of a name");
    assert.deepEqual(await found({ hostVersion: "1.3.9" }), ["alpha", "beta", "gamma"]);
    assert.deepEqual(await found({ hostVersion: "1.4.0", category: ["crm"], verified: false }), [
      "beta",
      "delta",
    ]);
  });

  await t.test("each facet leaves its own filter aside, and only that", async () => {
    const { facets, total } = await client.search({ facets: true, category: ["crm"], pricing: ["usage"] });

    assert.equal(total, 2);
    assert.deepEqual(facets, {
      category: [
        { value: "crm", count: 2 },
        { value: "payments", count: 1 },
      ],
      pricing: [
        { value: "usage", count: 2 },
        { value: "free", count: 1 },
      ],
      verified: [
        { value: "false", count: 1 },
        { value: "true", count: 1 },
      ],
      permission: [
        { value: "network", count: 1 },
        { value: "storage", count: 1 },
      ],
      hostRange: [{ value: "^1.0.0", count: 2 }],
    });
    const whole = await client.search({ facets: true, hostVersion: "1.3.0" });
    assert.deepEqual(whole.facets?.hostRange, [
      { value: "^1.0.0", count: 3 },
      { value: ">=1.4.0 <2.0.0", count: 1 },
    ]);
    assert.equal((await client.search({ q: "alpha" })).facets, undefined, "only where asked for");
  });

  await t.test("by rating, installs, and what was counted a moment ago", async () => {
    await sql`
      update registry.plugin_statistics set
        installs_active = case plugin_id when 'acme/alpha' then 7 when 'other/gamma' then 900 else 0 end,
        rating_score = case plugin_id when 'acme/beta' then 4.5 when 'acme/alpha' then 2 else 0 end,
        rating_sum = case plugin_id when 'acme/beta' then 9 else 0 end,
        rating_count = case plugin_id when 'acme/beta' then 2 else 0 end`.execute(database.kysely());

    assert.deepEqual(await ids({ sort: "installs" }), ["gamma", "alpha", "beta", "delta"]);
    assert.deepEqual((await ids({ sort: "rating" })).slice(0, 2), ["beta", "alpha"]);
    assert.deepEqual((await ids({})).slice(0, 2), ["gamma", "beta"], "relevance has both");
    const [beta] = (await client.search({ q: "beta" })).items;
    assert.deepEqual(beta?.rating, { mean: 4.5, count: 2 });
  });

  await t.test("what a publisher advises against is shown where asked for", async () => {
    const deprecation = sql`update registry.versions set deprecation = '{"message":"Use beta."}' where plugin = 'acme/alpha'`;
    await deprecation.execute(database.kysely());

    assert.deepEqual(await found({ category: ["payments"] }), ["beta"]);
    assert.deepEqual(await found({ category: ["payments"], deprecated: true }), ["alpha", "beta"]);
    const facets = (await client.search({ facets: true })).facets;
    assert.deepEqual(facets?.category, [
      { value: "crm", count: 3 },
      { value: "payments", count: 1 },
    ]);
  });

  await t.test("pages in any order hold everything once, also while counters change", async () => {
    for (const sort of ["relevance", "rating", "installs", "updated"] as const) {
      const seen: string[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page = await client.search({ sort, limit: 1, deprecated: true, ...(cursor && { cursor }) });
        assert.equal(page.total, 4);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
        const counted = sql`update registry.plugin_statistics set updated_at = now(), downloads = downloads + 1`;
        await counted.execute(database.kysely());
      }
      assert.equal(new Set(seen).size, 4, sort);
      assert.equal(seen.length, 4, sort);
    }
  });

  await t.test("an answer that did not change is not sent again, and one that did is", async () => {
    const address = `${url}/registry/v1/-/search?q=beta&facets=true`;
    const first = await fetch(address);
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    await sql`update registry.plugin_statistics set installs_active = 3 where plugin_id = 'other/gamma'`.execute(
      database.kysely(),
    );
    const second = await fetch(address, { headers });
    await sql`update registry.plugin_statistics set installs_active = 3 where plugin_id = 'acme/beta'`.execute(
      database.kysely(),
    );
    const third = await fetch(address, { headers });

    assert.deepEqual([first.status, second.status, third.status], [200, 304, 200]);
    assert.equal(first.headers.get("cache-control"), "public, no-cache");
  });
});
