import assert from "node:assert/strict";
import { test } from "node:test";
import type { RegistryClient } from "@plugboard/registry/client";
import { refused } from "./support/refused.ts";
import { registerPublisher, startRegistry, type TestPublisher } from "./support/registry.ts";

/** Publishes plugins by name, with what search reads of them. */
async function publishAll(publisher: TestPublisher, plugins: Record<string, Record<string, unknown>>) {
  for (const [name, manifest] of Object.entries(plugins)) {
    const { status } = await publisher.publish({ name, version: "1.0.0", manifest });
    assert.equal(status, "published");
  }
}

async function find(client: RegistryClient, q: string): Promise<string[]> {
  return (await client.search({ q })).items.map(({ id }) => id);
}

test("plugins are found by words of their name, keywords, categories and description", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await publishAll(acme, {
    "card-reader": { displayName: "Card Reader", description: "Takes payments at the counter." },
    ledger: {
      displayName: "Ledger",
      description: "Books.",
      keywords: ["accounting"],
      categories: ["finance"],
    },
    cafe: { displayName: "Café Müller", description: "Coffee by post." },
  });

  assert.deepEqual(await find(client, "card reader"), ["acme/card-reader"]);
  assert.deepEqual(await find(client, "Accounting"), ["acme/ledger"]);
  assert.deepEqual(await find(client, "finance"), ["acme/ledger"]);
  assert.deepEqual(await find(client, "count"), ["acme/card-reader"], "the beginning of a word");
  assert.deepEqual(await find(client, "payment"), ["acme/card-reader"]);
  assert.deepEqual(await find(client, "paying"), [], "no other word");
  assert.deepEqual(await find(client, "book"), ["acme/ledger"]);
  assert.deepEqual(await find(client, "cafe muller"), ["acme/cafe"], "without accents");
  assert.deepEqual(await find(client, "card accounting"), [], "every word must be there");
});

test("English endings do not matter", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await publishAll(acme, { till: { displayName: "Till", description: "Accept a payment in a shop." } });

  assert.deepEqual(await find(client, "payments"), ["acme/till"]);
  assert.deepEqual(await find(client, "accepting shops"), ["acme/till"]);
});

test("the exact id comes first, then the exact name, then what mentions it", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const other = await registerPublisher(client, "other");
  await publishAll(acme, {
    "stripe-stripe": {
      displayName: "Stripe stripe stripe",
      keywords: ["stripe"],
      description: "Stripe, stripe.",
    },
  });
  await publishAll(other, { stripe: { displayName: "Payments", description: "For acme." } });
  await publishAll(acme, { stripe: { displayName: "Payments", description: "Plain." } });

  assert.deepEqual(await find(client, "other/stripe"), ["other/stripe"]);
  assert.equal((await find(client, "acme/stripe"))[0], "acme/stripe");
  const byName = await find(client, "stripe");
  assert.deepEqual(byName.slice(0, 2).sort(), ["acme/stripe", "other/stripe"]);
  assert.deepEqual(byName.slice(2), ["acme/stripe-stripe"]);
});

test("a typing error is forgiven where nothing else is found", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await publishAll(acme, {
    salesforce: { displayName: "Salesforce", description: "Customers." },
    shopify: { displayName: "Shopify", description: "Shops." },
  });

  assert.deepEqual(await find(client, "salesfroce"), ["acme/salesforce"]);
  assert.deepEqual(await find(client, "shoppify"), ["acme/shopify"]);
  assert.deepEqual(
    await find(client, "acme shpo"),
    ["acme/shopify"],
    "one word of two, as it is being typed",
  );
  assert.deepEqual(await find(client, "custmoer"), ["acme/salesforce"], "in a description");
  assert.deepEqual(await find(client, "slf"), [], "too short to guess at");
  assert.deepEqual(await find(client, "zzzzzz"), []);
});

test("an answer tells what a person chooses by, of the latest stable version", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const facts = {
    displayName: "Echo",
    categories: ["tools"],
    keywords: ["say"],
    pricing: { model: "usage" },
  };
  await acme.publish({ name: "echo", version: "1.0.0", manifest: { ...facts, description: "First." } });
  await acme.publish({ name: "echo", version: "1.1.0", manifest: { ...facts, description: "Second." } });
  await acme.publish({ name: "echo", version: "2.0.0-rc.1", manifest: { ...facts, description: "Third." } });
  await acme.publish({ name: "echo", version: "1.0.1", manifest: { ...facts, description: "Fourth." } });

  const { items } = await client.search({ q: "echo" });

  const [{ publishedAt, ...item } = { publishedAt: "" }] = items;
  assert.equal(items.length, 1);
  assert.ok(Date.parse(publishedAt));
  assert.deepEqual(item, {
    id: "acme/echo",
    version: "1.1.0",
    displayName: "Echo",
    description: "Second.",
    categories: ["tools"],
    keywords: ["say"],
    publisher: "acme",
    verified: false,
    pricing: "usage",
    deprecated: null,
    installs: 0,
    rating: { mean: null, count: 0 },
  });
});

test("pages hold everything once, also while plugins are published in between", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const names = ["one", "two", "three", "four", "five"];
  await publishAll(acme, Object.fromEntries(names.map((name) => [name, { keywords: ["number"] }])));

  for (const q of ["number", ""]) {
    const seen: string[] = [];
    let cursor: string | null | undefined;
    for (let turn = 0; cursor !== null; turn++) {
      const page = await client.search({ q, limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id).filter((id) => !id.includes("late")));
      cursor = page.nextCursor;
      const late = `late-${turn}-${q === "" ? "any" : q}`;
      await acme.publish({ name: late, version: "1.0.0", manifest: { description: "Later." } });
    }
    assert.deepEqual(seen.toSorted(), names.map((name) => `acme/${name}`).toSorted(), `for "${q}"`);
  }
});

test("what was published last comes first when that is asked for", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await publishAll(acme, { first: {}, second: {} });
  await acme.publish({ name: "first", version: "2.0.0" });

  const { items } = await client.search({ sort: "updated" });

  assert.deepEqual(
    items.map(({ id, version }) => `${id} ${version}`),
    ["acme/first 2.0.0", "acme/second 1.0.0"],
  );
});

test("a query can be anything and is never an error of the server", async (t) => {
  const { client, url } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await publishAll(acme, { echo: {} });
  const hostile = [
    "'",
    "''--",
    "%",
    "_%_",
    "\\",
    "a:*",
    "a & | ! b",
    "<->",
    "(((((",
    "'a':1A",
    ":*",
    "!echo",
    "$1",
    "\u202e\u200b",
    "é".repeat(400),
    "x ".repeat(240),
    "🦊",
    "(a+)+$",
    "[a-z]{1,999999}",
    ".*",
    "\\b\\d",
    "__proto__ constructor",
    "ﷺ".repeat(100),
    "\u0301".repeat(400),
    "İıſẞ",
    "a b c d e f g h i j k l m n o p",
    "qwertzuiop ".repeat(40),
    "'; drop table registry.listings; --",
  ];

  for (const q of hostile) assert.ok(Array.isArray((await client.search({ q })).items), q);
  for (const raw of [
    "q=%00",
    `q=${"a".repeat(10_240)}`,
    "q=%ff%fe",
    "q=a&q=b",
    "q[$ne]=1",
    "cursor=zzz",
    "limit=0",
    "limit=1e9",
    "sort=random",
    "verified=perhaps",
    "pricing=gold",
    "category=%27",
    `category=${"a&category=".repeat(30)}b`,
    "networkHost=*",
    "hostVersion=%5E1.0.0",
    "hostVersion=999999999999.0.0",
    "facets=5",
  ]) {
    const { status } = await fetch(`${url}/registry/v1/-/search?${raw}`);
    assert.ok(status < 500, `${raw.slice(0, 40)} was answered ${status}`);
  }
  assert.deepEqual(await find(client, "echo"), ["acme/echo"]);
});

test("a cursor that is none, or of another list, is refused", async (t) => {
  const { client } = await startRegistry(t);
  const right = { sort: "relevance", rank: 1, plugin: "a/b", corrected: false };
  const forged = [
    { ...right, rank: 1e300 },
    { ...right, rank: -1 },
    { ...right, rank: 0.5 },
    { ...right, plugin: "a'/b" },
    { ...right, sort: "random" },
    { ...right, sort: "installs" },
    { ...right, corrected: "yes" },
    "ins_1",
  ].map((cursor) => Buffer.from(JSON.stringify(cursor)).toString("base64url"));

  for (const cursor of ["nonsense", ...forged]) {
    await refused(client.search({ cursor }), 422, "invalid-request");
  }
});
