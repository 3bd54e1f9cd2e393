import assert from "node:assert/strict";
import { test } from "node:test";
import { consentDigest, type Pricing, termsDigest } from "@plugboard/plugin-sdk/manifest";
import { type EntitlementStatement, statementTypes, verifyStatement } from "@plugboard/plugin-sdk/trust";
import { orderOf } from "./support/orders.ts";
import { refused } from "./support/refused.ts";
import { onlineKeysOf } from "./support/registry.ts";
import { useReviewBench } from "./support/reviews.ts";

const bench = useReviewBench();

const monthly: Pricing = {
  model: "subscription",
  price: { amount: 1900, currency: "EUR" },
  interval: "month",
  trialDays: 14,
};
const once: Pricing = { model: "one-time", price: { amount: 4900, currency: "EUR" } };
let plugins = 0;

/** Publishes a plugin at a price. */
async function offer(pricing: Pricing, version = "1.0.0", name = `paid-${++plugins}`) {
  const { status, problems } = await bench.acme.publish({ name, version, manifest: { pricing } });
  assert.equal(status, "published", JSON.stringify(problems));
  const plugin = `acme/${name}`;
  return { name, plugin, terms: termsDigest({ id: plugin, pricing }) };
}

const install = (tenantId: string, plugin: string) =>
  bench.client.createInstall(tenantId, { plugin, consent: consentDigest({ id: plugin, permissions: {} }) });
const billing = (path: string, body: object, method = "POST") =>
  bench.operator(method, `/billing/${path}`, body);
const confirm = (id: string) => billing(`purchases/${id}/confirm`, { note: "Invoice 1" });

test("what costs something is installed by who has paid, and by nobody else", async () => {
  const { plugin, terms } = await offer(once);
  const { members } = await refused(install("tnt_a", plugin), 409, "entitlement-required");
  assert.deepEqual([members.pricing, members.terms], [once, terms]);

  const purchase = await bench.client.beginPurchase("tnt_a", { plugin, terms });
  assert.deepEqual([purchase.status, purchase.amount, purchase.currency], ["open", 4900, "EUR"]);
  await refused(install("tnt_a", plugin), 409, "entitlement-required");
  assert.equal((await bench.client.checkPurchase("tnt_a", purchase.id)).status, "open");
  assert.equal((await confirm(purchase.id)).body.status, "paid");

  assert.equal((await install("tnt_a", plugin)).status, "active");
  await refused(install("tnt_b", plugin), 409, "entitlement-required");
  const again = bench.client.beginPurchase("tnt_a", { plugin, terms });
  await refused(again, 409, "nothing-to-buy");
  const { statement, expiresAt } = await bench.client.getEntitlement("tnt_a", plugin);
  assert.equal(expiresAt, null);
  const said = await verifyStatement<EntitlementStatement>(
    statementTypes.entitlement,
    statement,
    await onlineKeysOf(bench.client),
  );
  assert.deepEqual(
    [said.tenantId, said.plugin, said.state, said.revision, said.terms],
    ["tnt_a", plugin, "active", 1, terms],
  );
});

test("a price that changed since it was shown needs a new yes", async () => {
  const { plugin, terms, name } = await offer(once);
  await refused(bench.client.beginPurchase("tnt_a", { plugin }), 409, "terms-required");
  const dearer = await offer({ ...once, price: { amount: 9900, currency: "EUR" } }, "1.1.0", name);

  const { members } = await refused(
    bench.client.beginPurchase("tnt_a", { plugin, terms }),
    409,
    "terms-required",
  );

  assert.equal(members.terms, dearer.terms);
  const bought = await bench.client.beginPurchase("tnt_a", { plugin, terms: dearer.terms });
  assert.equal(bought.amount, 9900);
});

test("nobody chooses the price: it is that of the latest version, for a purchase and for a trial", async () => {
  const cheap: Pricing = { ...monthly, price: { amount: 1, currency: "EUR" }, trialDays: 365 };
  const { plugin, terms, name } = await offer(cheap);
  await offer(once, "1.1.0", name);
  const order = await orderOf("acme", bench.acme.key, { type: "yank", plugin, version: "1.0.0" });
  await bench.client.carryOutOrder("acme", order);

  for (const wish of [
    { plugin, terms },
    { plugin, terms, range: "1.0.0" },
    { plugin, terms, range: "<1.1" },
  ]) {
    await assert.rejects(bench.client.beginPurchase("tnt_a", wish));
    await assert.rejects(bench.client.startTrial("tnt_a", wish));
  }
  await refused(bench.client.beginPurchase("tnt_a", { plugin, terms }), 409, "terms-required");
});

test("a purchase is settled once, however many say so", async () => {
  const { plugin, terms } = await offer(monthly);
  const { id } = await bench.client.beginPurchase("tnt_a", { plugin, terms });
  const { members } = await refused(
    bench.client.beginPurchase("tnt_a", { plugin, terms }),
    409,
    "purchase-open",
  );
  assert.equal(members.purchaseId, id);

  const settled = await Promise.all([confirm(id), confirm(id), confirm(id)]);

  assert.deepEqual(settled.map(({ status }) => status).sort(), [200, 409, 409]);
  assert.equal((await bench.client.getEntitlement("tnt_a", plugin)).revision, 1);
  await refused(bench.client.cancelPurchase("tnt_a", id), 409, "purchase-settled");
  await refused(bench.client.cancelPurchase("tnt_b", id), 404, "purchase-not-found");
});

test("a subscription is extended from where it ends, and refused when it has ended", async () => {
  const { plugin, terms } = await offer(monthly);
  const pay = async () => {
    const { id } = await bench.client.beginPurchase("tnt_a", { plugin, terms });
    await confirm(id);
    return new Date((await bench.client.getEntitlement("tnt_a", plugin)).expiresAt ?? "");
  };
  const first = await pay();
  const second = await pay();
  const days = (from: Date, to: Date) => Math.round((to.getTime() - from.getTime()) / 86_400_000);
  assert.ok(days(bench.clock.now(), first) >= 28 && days(first, second) >= 28);
  await install("tnt_a", plugin);

  await bench.client.removeInstall("tnt_a", (await bench.client.listInstalls("tnt_a")).at(-1)?.id ?? "");
  bench.clock.pass({ days: 63 });
  await refused(install("tnt_a", plugin), 409, "entitlement-required");
  const third = await pay();
  assert.ok(days(bench.clock.now(), third) >= 28);
  assert.equal((await install("tnt_a", plugin)).status, "active");
});

test("a trial is once for each tenant, and not for who has bought", async () => {
  const { plugin, terms } = await offer(monthly);
  const trials = await Promise.allSettled(
    Array.from({ length: 3 }, () => bench.client.startTrial("tnt_a", { plugin, terms })),
  );
  assert.equal(trials.filter(({ status }) => status === "fulfilled").length, 1);
  const { expiresAt, source } = await bench.client.getEntitlement("tnt_a", plugin);
  assert.deepEqual(
    [source, Date.parse(expiresAt ?? "")],
    ["trial", bench.clock.now().getTime() + 14 * 86_400_000],
  );
  bench.clock.pass({ days: 15 });
  await refused(bench.client.startTrial("tnt_a", { plugin, terms }), 409, "trial-unavailable");
  const other = await offer(once);
  await refused(
    bench.client.startTrial("tnt_a", { plugin: other.plugin, terms: other.terms }),
    409,
    "trial-unavailable",
  );
});

test("who gets the money back may not run it any more", async () => {
  const { plugin, terms } = await offer(once);
  const { id } = await bench.client.beginPurchase("tnt_a", { plugin, terms });
  assert.equal((await billing(`purchases/${id}/refund`, { note: "Why?" })).status, 409);
  await confirm(id);
  await billing(`purchases/${id}/refund`, { note: "It did not work." });

  const { state, revision, history } = await bench.client.getEntitlement("tnt_a", plugin);
  assert.deepEqual([state, revision, history.length], ["ended", 2, 2]);
  await refused(install("tnt_a", plugin), 409, "entitlement-required");
  await assert.rejects(
    bench.database.pool.query("update registry.entitlement_history set state = 'active'"),
    /only ever appended to/,
  );
});

test("a refund takes back what its purchase added, and nothing that others paid or granted", async () => {
  const { plugin, terms } = await offer(monthly);
  const pay = async () => {
    const { id } = await bench.client.beginPurchase("tnt_a", { plugin, terms });
    await confirm(id);
    return { id, until: (await bench.client.getEntitlement("tnt_a", plugin)).expiresAt };
  };
  const entitled = async () => {
    const { state, expiresAt } = await bench.client.getEntitlement("tnt_a", plugin);
    return [state, expiresAt];
  };
  const refund = (id: string) => billing(`purchases/${id}/refund`, { note: "Paid twice." });
  const first = await pay();
  const second = await pay();
  await refund(second.id);
  assert.deepEqual(await entitled(), ["active", first.until], "the month before was paid for");

  const open = await bench.client.beginPurchase("tnt_a", { plugin, terms });
  await billing(`tenants/tnt_a/entitlements/${plugin}`, { expiresAt: null, reason: "A partner." }, "PUT");
  await confirm(open.id);
  assert.deepEqual(await entitled(), ["active", null], "a month takes no end from what has none");
  await refund(open.id);
  await refund(first.id);
  assert.deepEqual(await entitled(), ["active", null], "nor does its refund");
});

test("the operator grants and ends without a purchase; nobody else does", async () => {
  const { plugin } = await offer({ model: "usage" });
  const path = `tenants/tnt_a/entitlements/${plugin}`;
  const until = new Date(bench.clock.now().getTime() + 3_600_000).toISOString();
  const granted = await billing(path, { expiresAt: until, reason: "A pilot." }, "PUT");
  assert.deepEqual([granted.status, granted.body.expiresAt], [200, until]);
  assert.equal((await install("tnt_a", plugin)).status, "active");
  const ended = await billing(`${path}/end`, { note: "The pilot is over." });
  assert.equal(ended.body.state, "ended");

  for (const token of ["pbh_the-token-of-the-host-in-tests", "nobody"]) {
    const response = await fetch(`${bench.url}/registry/v1/billing/${path}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ expiresAt: null, reason: "Please." }),
    });
    assert.ok([401, 403].includes(response.status));
  }
});

test("an upgrade to a version that costs something waits for the purchase; the old one stays", async () => {
  const { plugin, name } = await offer({ model: "free" });
  const { id } = await install("tnt_a", plugin);
  await offer(once, "1.1.0", name);

  await refused(bench.client.updateInstall("tnt_a", id, { range: "*" }), 409, "entitlement-required");

  assert.equal((await bench.client.getInstall("tnt_a", id)).version, "1.0.0");
});

test("a trial that meets a purchase in the same moment does not take its place", async () => {
  const { plugin, terms } = await offer(monthly);
  const buyer = await bench.database.pool.connect();
  try {
    await buyer.query("begin");
    await buyer.query(
      `insert into registry.entitlements (id, tenant_id, plugin, revision, state, source, terms, pricing, trial_used, updated_at)
       values ('ent_first', 'tnt_race', $1, 1, 'active', 'purchase', $2, '{"model":"one-time"}', false, now())`,
      [plugin, terms],
    );
    const trial = bench.client.startTrial("tnt_race", { plugin, terms });
    trial.catch(() => {});
    for (let waiting = false; !waiting; ) {
      const { rows } = await buyer.query("select 1 from pg_locks where not granted limit 1");
      waiting = rows.length > 0;
    }
    await buyer.query("commit");
    await refused(trial, 409, "trial-unavailable");
  } finally {
    buyer.release();
  }
  const { source, revision } = await bench.client.getEntitlement("tnt_race", plugin);
  assert.deepEqual([source, revision], ["purchase", 1]);
});
