import type { TestContext } from "node:test";
import Stripe from "stripe";
import { type StripeSimulator, type StripeSimulatorOptions, startStripeSimulator } from "../index.ts";

/** A simulator for one test, with Stripe's own client pointed at it. */
export async function connect(
  t: TestContext,
  options?: StripeSimulatorOptions,
): Promise<StripeSimulator & { stripe: Stripe; as(key: string): Stripe }> {
  const simulator = await startStripeSimulator(options);
  t.after(() => simulator.close());
  const as = (key: string) =>
    new Stripe(key, {
      host: "127.0.0.1",
      port: new URL(simulator.url).port,
      protocol: "http",
      maxNetworkRetries: 0,
    });
  return { ...simulator, stripe: as("sk_test_main"), as };
}
