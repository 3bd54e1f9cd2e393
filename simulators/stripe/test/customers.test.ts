import assert from "node:assert/strict";
import { test } from "node:test";
import type Stripe from "stripe";
import { connect } from "./connect.ts";

test("a created customer can be retrieved with everything it was given", async (t) => {
  const { stripe } = await connect(t, { nowMs: () => 1_700_000_000_999 });

  const created = await stripe.customers.create({
    email: "jenny@example.com",
    name: "Jenny Rosen",
    metadata: { plan: "pro", "team size": "7" },
    address: { city: "Oslo", country: "NO" },
    shipping: { name: "Jenny", address: { line1: "1 Road" } },
    preferred_locales: ["nb", "en"],
    balance: -250,
  });
  const retrieved = await stripe.customers.retrieve(created.id);

  assert.match(created.id, /^cus_\w{14}$/);
  assert.equal(created.created, 1_700_000_000);
  assert.equal(created.balance, -250);
  assert.deepEqual(created.metadata, { plan: "pro", "team size": "7" });
  assert.equal(created.address?.city, "Oslo");
  assert.equal(created.address?.line1, null);
  assert.deepEqual(created.preferred_locales, ["nb", "en"]);
  assert.equal(created.shipping?.address?.line1, "1 Road");
  assert.deepEqual({ ...retrieved }, { ...created });
});

test("update changes what it names, merges metadata, and unsets with an empty string", async (t) => {
  const { stripe } = await connect(t);
  const { id } = await stripe.customers.create({
    name: "A",
    email: "a@example.com",
    metadata: { keep: "1", drop: "2" },
  });

  const updated = await stripe.customers.update(id, {
    name: "B",
    email: "",
    metadata: { drop: "", add: "3" },
  });

  assert.equal(updated.name, "B");
  assert.equal(updated.email, null);
  assert.deepEqual(updated.metadata, { keep: "1", add: "3" });
  assert.deepEqual((await stripe.customers.update(id, { metadata: "" })).metadata, {});
});

test("a deleted customer answers as deleted, leaves the list and cannot be changed", async (t) => {
  const { stripe } = await connect(t);
  const { id } = await stripe.customers.create();

  assert.deepEqual({ ...(await stripe.customers.del(id)) }, { id, object: "customer", deleted: true });
  assert.deepEqual({ ...(await stripe.customers.retrieve(id)) }, { id, object: "customer", deleted: true });
  assert.deepEqual((await stripe.customers.list()).data, []);
  await assert.rejects(stripe.customers.update(id, { name: "x" }), {
    code: "resource_missing",
    statusCode: 404,
  });
  await assert.rejects(stripe.customers.del(id), { code: "resource_missing" });
});

test("lists are newest first and walk forward and back by cursor", async (t) => {
  const { stripe } = await connect(t);
  for (let n = 1; n <= 5; n++) await stripe.customers.create({ name: String(n) });
  const names = (list: Stripe.ApiList<Stripe.Customer>) => list.data.map((customer) => customer.name);

  const first = await stripe.customers.list({ limit: 2 });
  assert.deepEqual(names(first), ["5", "4"]);
  assert.equal(first.has_more, true);

  const second = await stripe.customers.list({ limit: 2, starting_after: first.data[1]?.id ?? "" });
  assert.deepEqual(names(second), ["3", "2"]);

  const last = await stripe.customers.list({ limit: 2, starting_after: second.data[1]?.id ?? "" });
  assert.deepEqual(names(last), ["1"]);
  assert.equal(last.has_more, false);

  const back = await stripe.customers.list({ limit: 2, ending_before: last.data[0]?.id ?? "" });
  assert.deepEqual(names(back), ["3", "2"]);
  assert.equal(back.has_more, true);
});

test("the client's own auto-pagination reaches every customer once", async (t) => {
  const { stripe } = await connect(t);
  for (let n = 0; n < 7; n++) await stripe.customers.create({ name: String(n) });

  const all = await stripe.customers.list({ limit: 3 }).autoPagingToArray({ limit: 100 });

  assert.deepEqual(
    all.map((customer) => customer.name),
    ["6", "5", "4", "3", "2", "1", "0"],
  );
});

test("lists filter by email and by creation time", async (t) => {
  let nowMs = 1_000_000;
  const { stripe } = await connect(t, { nowMs: () => nowMs });
  await stripe.customers.create({ email: "old@example.com" });
  nowMs = 2_000_000;
  await stripe.customers.create({ email: "new@example.com" });

  const byEmail = await stripe.customers.list({ email: "old@example.com" });
  const byTime = await stripe.customers.list({ created: { gt: 1000 } });

  assert.deepEqual(
    byEmail.data.map(({ email }) => email),
    ["old@example.com"],
  );
  assert.deepEqual(
    byTime.data.map(({ email }) => email),
    ["new@example.com"],
  );
});

test("properties are expanded where asked for, in single replies and in lists", async (t) => {
  const { stripe } = await connect(t);
  const plain = await stripe.customers.create();
  const expanded = await stripe.customers.retrieve(plain.id, { expand: ["sources", "tax_ids"] });
  const listed = await stripe.customers.list({ expand: ["data.sources"] });

  assert.equal(plain.sources, undefined);
  assert.ok(!expanded.deleted);
  assert.deepEqual(expanded.sources?.data, []);
  assert.equal(expanded.tax_ids?.url, `/v1/customers/${plain.id}/tax_ids`);
  assert.equal(listed.data[0]?.sources?.object, "list");
  await assert.rejects(stripe.customers.retrieve(plain.id, { expand: ["nonsense"] }), {
    message: "This property cannot be expanded (nonsense).",
  });
});

test("each API key sees its own account only", async (t) => {
  const { stripe, as } = await connect(t);
  const other = as("sk_test_other");
  const { id } = await stripe.customers.create({ name: "mine" });

  await assert.rejects(other.customers.retrieve(id), { code: "resource_missing", statusCode: 404 });
  assert.deepEqual((await other.customers.list()).data, []);
  const account = await stripe.accounts.retrieveCurrent();
  assert.notEqual(account.id, (await other.accounts.retrieveCurrent()).id);
});
