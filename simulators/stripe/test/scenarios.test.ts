/** Stripe's own client finds everything as at Stripe. The connector plays the same scenarios: plugins/stripe/test. */
import { after, before, test } from "node:test";
import Stripe from "stripe";
import { type StripeSimulator, startStripeSimulator } from "../index.ts";
import { officialDriver } from "./official-client.ts";
import { scenarios } from "./scenarios/index.ts";

let simulator: StripeSimulator;
before(async () => {
  simulator = await startStripeSimulator();
});
after(() => simulator.close());

for (const [index, { name, play }] of scenarios.entries())
  test(name, async () => {
    const key = `sk_test_scenario_${index}`;
    const { port } = new URL(simulator.url);
    const stripe = new Stripe(key, { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0 });
    await play(officialDriver(stripe, simulator.buyerOf(key)));
  });
