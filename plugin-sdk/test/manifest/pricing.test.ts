import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Pricing, termsDigest } from "@plugboard/plugin-sdk/manifest";
import { exampleManifest, places, problemsWith } from "./example-manifest.ts";

const price = { amount: 4900, currency: "EUR" };
const tiers = [
  { upTo: 1000, amount: 0 },
  { amount: 5, per: 10 },
];
const action = Object.keys(exampleManifest.contributes?.actions ?? {})[0] ?? "";
const meter = { name: "calls", title: "Calls", unit: "call", actions: [action], tiers };
const usage = { model: "usage", currency: "EUR", meters: [meter] };
const withTiers = (...tiers: object[]) => ({ ...usage, meters: [{ ...meter, tiers }] });

describe("pricing", () => {
  for (const pricing of [
    { model: "free" },
    { model: "one-time", price },
    { model: "subscription", price, interval: "month", trialDays: 14 },
    { model: "subscription" },
    usage,
    { ...usage, trialDays: 30 },
  ]) {
    it(`takes ${JSON.stringify(pricing).slice(0, 70)}`, () => {
      assert.deepEqual(problemsWith({ pricing: pricing as Pricing }), []);
    });
  }

  const refused: [name: string, pricing: object, place: string][] = [
    ["what is free and costs something", { model: "free", price }, "pricing-invalid /pricing/price"],
    [
      "a trial of what is bought once",
      { model: "one-time", price, trialDays: 3 },
      "pricing-invalid /pricing/trialDays",
    ],
    ["a subscription without an interval", { model: "subscription", price }, "pricing-invalid /pricing"],
    ["meters without a currency", { model: "usage", meters: [meter] }, "pricing-invalid /pricing"],
    [
      "no currency at all",
      { model: "one-time", price: { ...price, currency: "XQZ" } },
      "pricing-invalid /pricing/price/currency",
    ],
    [
      "a fraction of a cent",
      { model: "one-time", price: { ...price, amount: 0.5 } },
      "wrong-type /pricing/price/amount",
    ],
    [
      "a negative price",
      { model: "one-time", price: { ...price, amount: -1 } },
      "too-small /pricing/price/amount",
    ],
    [
      "two meters of one name",
      { ...usage, meters: [meter, meter] },
      "pricing-invalid /pricing/meters/1/name",
    ],
    [
      "a meter of an action that is not there",
      { ...usage, meters: [{ ...meter, actions: ["none"] }] },
      "pricing-invalid /pricing/meters/0/actions/0",
    ],
    ["tiers that end", withTiers({ upTo: 10, amount: 1 }), "pricing-invalid /pricing/meters/0/tiers/0"],
    [
      "tiers that go back",
      withTiers({ upTo: 10, amount: 1 }, { upTo: 10, amount: 2 }, { amount: 3 }),
      "pricing-invalid /pricing/meters/0/tiers/1",
    ],
    [
      "a tier without an end before the last",
      withTiers({ amount: 1 }, { amount: 3 }),
      "pricing-invalid /pricing/meters/0/tiers/0",
    ],
    [
      "a title that hides something",
      { ...usage, meters: [{ ...meter, title: "Ca\u202ells" }] },
      "text-deceptive /pricing/meters/0/title",
    ],
  ];
  for (const [name, pricing, place] of refused) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(places(problemsWith({ pricing: pricing as Pricing })), [place]);
    });
  }

  it("has one digest for one set of prices, in whatever order it is written", () => {
    const id = "acme/shop";
    const digest = termsDigest({ id, pricing: { model: "one-time", price } });
    const turned = { price: { currency: "EUR", amount: 4900 }, model: "one-time" as const };
    assert.equal(termsDigest({ id, pricing: turned }), digest);
    assert.notEqual(termsDigest({ id: "acme/other", pricing: turned }), digest);
    assert.notEqual(termsDigest({ id, pricing: { ...turned, price: { ...price, amount: 4901 } } }), digest);
  });
});
