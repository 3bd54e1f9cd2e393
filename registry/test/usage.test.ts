import assert from "node:assert/strict";
import { test } from "node:test";
import { createAccount, makeOwner } from "./support/accounts.ts";
import { refused } from "./support/refused.ts";
import { useReviewBench } from "./support/reviews.ts";
import { buy, byCalls, hour, install, meetHost, offerByUsage, toNextMonth } from "./support/usage.ts";

/** What a provider was given, and what it does with it. */
const invoiced: { lineId: string; amount: bigint; units: number }[] = [];
let isAway = false;
const bench = useReviewBench({
  billing: {
    name: "scripted",
    createCheckout: async () => ({ reference: null, url: null, instructions: null }),
    confirm: async () => false,
    cancel: async () => {},
    refund: async () => {},
    async reportUsage(line) {
      if (isAway) throw new Error("the provider is away");
      invoiced.push(line);
    },
    async webhook({ headers, body }) {
      if (headers["x-signature"] !== "right") throw Object.assign(new Error("not signed"), {});
      return JSON.parse(body.toString());
    },
  },
});

const close = (period: string) => bench.operator("POST", `/billing/usage/${period}/close`);
const linesOf = async (period: string) =>
  (await bench.operator("GET", `/billing/usage/${period}`)).body.items;

test("what a host reports is counted once, and owed above what is included", async () => {
  const host = await meetHost(bench);
  const offer = await offerByUsage(bench);
  const period = toNextMonth(bench);
  await buy(bench, "tnt_a", offer);
  const installId = await install(bench.client, "tnt_a", offer.plugin);
  bench.clock.pass({ minutes: 5 * 60 });
  const first = { installId, meter: "calls", window: hour(bench, -2), units: 100 };
  const second = { installId, meter: "calls", window: hour(bench, -3), units: 3 };

  assert.deepEqual(await host.report(first), ["accepted"]);
  assert.deepEqual(await host.report(first, second), ["known", "accepted"], "said again, and out of order");

  const { closed, items } = await bench.client.getUsage("tnt_a", period);
  assert.equal(closed, false);
  const { plugin, terms } = offer;
  const line = { plugin, terms, meter: "calls", units: 103, freeUnits: 0, amount: "4", currency: "EUR" };
  assert.deepEqual(items, [line]);
  assert.deepEqual((await bench.client.getUsage("tnt_b", period)).items, []);
});

test("nothing is owed for a trial, nor for the hours before the purchase", async () => {
  const host = await meetHost(bench);
  const offer = await offerByUsage(bench);
  const period = toNextMonth(bench);
  await bench.client.startTrial("tnt_a", offer);
  const installId = await install(bench.client, "tnt_a", offer.plugin);
  bench.clock.pass({ minutes: 90 });
  const tried = { installId, meter: "calls", window: hour(bench, -1), units: 500 };
  // In the midst of an hour: all of it is for nothing.
  await buy(bench, "tnt_a", offer);
  const between = { installId, meter: "calls", window: hour(bench), units: 500 };
  bench.clock.pass({ minutes: 180 });
  const owed = { installId, meter: "calls", window: hour(bench, -1), units: 102 };

  assert.deepEqual(await host.report(tried, between, owed), ["accepted", "accepted", "accepted"]);

  const { items } = await bench.client.getUsage("tnt_a", period);
  assert.deepEqual(
    items.map(({ units, freeUnits, amount }) => [units, freeUnits, amount]),
    [[102, 1000, "3"]],
  );
});

test("a month is closed once, however often it is done, and takes nothing more", async () => {
  const host = await meetHost(bench);
  const offer = await offerByUsage(bench);
  const period = toNextMonth(bench);
  await buy(bench, "tnt_a", offer);
  const installId = await install(bench.client, "tnt_a", offer.plugin);
  bench.clock.pass({ minutes: 300 });
  const window = { installId, meter: "calls", window: hour(bench, -2), units: 200 };
  await host.report(window);
  assert.deepEqual(
    [(await close(period)).status, (await close(period)).body.code],
    [409, "usage-period-open"],
  );
  const late = { ...window, window: hour(bench, -3) };
  toNextMonth(bench);
  assert.deepEqual(
    await host.report({ ...late, window: hour(bench, -1) }),
    ["accepted"],
    "until it is closed",
  );

  isAway = true;
  assert.equal((await close(period)).status, 500);
  isAway = false;
  const before = invoiced.length;
  const closings = await Promise.all([close(period), close(period), close(period)]);

  assert.deepEqual(
    closings.map(({ status }) => status),
    [200, 200, 200],
  );
  const [line] = await linesOf(period);
  assert.deepEqual([line.units, line.amount, line.tenantId], [400, "450", "tnt_a"]);
  const said = invoiced.slice(before);
  assert.deepEqual(new Set(said.map(({ lineId }) => lineId)), new Set([line.id]));
  assert.deepEqual([said[0]?.amount, said[0]?.units], [450n, 400]);
  assert.ok(line.invoicedAt);
  const after = invoiced.length;
  await close(period);
  assert.equal(invoiced.length, after, "what was taken is not said again");
  assert.deepEqual(await host.report(late, window), ["period-closed", "known"]);
  assert.equal((await bench.client.getUsage("tnt_a", period)).closed, true);
});

test("prices that change reach neither back nor into what was agreed to", async () => {
  const host = await meetHost(bench);
  const offer = await offerByUsage(bench);
  const period = toNextMonth(bench);
  const purchase = await buy(bench, "tnt_a", offer);
  const installId = await install(bench.client, "tnt_a", offer.plugin);
  bench.clock.pass({ minutes: 120 });
  const [name] = offer.plugin.split("/").slice(1);
  const [meter] = byCalls.meters ?? [];
  const dearer = { ...byCalls, meters: [{ ...meter, tiers: [{ amount: 100 }] }] };
  await bench.acme.publish({ name: name ?? "", version: "1.1.0", manifest: { pricing: dearer } });
  const old = { installId, meter: "calls", window: hour(bench, -1), units: 102 };
  assert.deepEqual(await host.report(old), ["accepted"]);
  const amounts = async () =>
    (await bench.client.getUsage("tnt_a", period)).items.map(({ amount }) => amount).sort();
  assert.deepEqual(await amounts(), ["3"]);

  await bench.operator("POST", `/billing/purchases/${purchase}/refund`, { note: "As agreed." });
  const { plugin } = offer;
  const { members } = await refused(bench.client.beginPurchase("tnt_a", { plugin }), 409, "terms-required");
  await buy(bench, "tnt_a", { plugin, terms: String(members.terms) });
  bench.clock.pass({ minutes: 120 });
  assert.deepEqual(await host.report({ ...old, window: hour(bench, -1), units: 2 }), ["accepted"]);

  assert.deepEqual(await amounts(), ["200", "3"]);
});

test("a publisher sees what is used, and not by whom", async () => {
  const host = await meetHost(bench);
  const offer = await offerByUsage(bench);
  const period = toNextMonth(bench);
  for (const tenant of ["tnt_secret-1", "tnt_secret-2"]) {
    await buy(bench, tenant, offer);
    const installId = await install(bench.client, tenant, offer.plugin);
    bench.clock.pass({ minutes: 60 });
    await host.report({ installId, meter: "calls", window: hour(bench, -1), units: 10 });
  }
  const owner = await createAccount(bench, "Ada");
  await makeOwner(owner, bench.acme, bench.clock.now());
  const path = `GET /publishers/acme/usage?period=${period}`;

  const { status, body } = await owner.ask<{ items: { tenant: string; plugin: string }[] }>(path);

  assert.equal(status, 200);
  const shown = body.items.filter(({ plugin }) => plugin === offer.plugin);
  assert.equal(new Set(shown.map(({ tenant }) => tenant)).size, 2);
  assert.ok(!JSON.stringify(body).includes("tnt_"));
  const stranger = await createAccount(bench, "Eve");
  assert.equal((await stranger.ask(path)).status, 404, "nothing of it is shown to others");
});

test("a provider's webhook settles a purchase once, and nothing comes in without its signature", async () => {
  const offer = await offerByUsage(bench);
  const { id } = await bench.client.beginPurchase("tnt_a", offer);
  const send = (signature: string) =>
    fetch(`${bench.url}/registry/v1/billing/webhook`, {
      method: "POST",
      headers: { "x-signature": signature, "content-type": "application/json" },
      body: JSON.stringify([{ type: "paid", purchaseId: id, note: "evt_1" }]),
    });

  assert.ok((await send("wrong")).status >= 400);
  assert.equal(await bench.client.getEntitlement("tnt_a", offer.plugin).catch(() => undefined), undefined);
  assert.deepEqual([(await send("right")).status, (await send("right")).status], [204, 204]);
  assert.equal((await bench.client.getEntitlement("tnt_a", offer.plugin)).revision, 1);
});
