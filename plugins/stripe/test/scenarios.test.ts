/** The connector finds everything as Stripe's own client does: simulators/stripe/test plays the same scenarios with that. */
import { after, before, test } from "node:test";
import { PluginFailure } from "@plugboard/plugin-sdk/testing";
import { type Answer, Refusal, scenarios } from "@plugboard/simulator-stripe/scenarios";
import { type Connected, connect } from "./connect.ts";

let connected: Connected;
before(async () => {
  connected = await connect();
});
after(() => connected.close());

for (const [index, { name, play }] of scenarios.entries())
  test(name, async () => {
    const { host, vendor, useKey } = connected;
    const key = `sk_test_scenario_${index}`;
    useKey(key);
    await play({
      buyer: vendor.buyerOf(key),
      async run(action, input = {}) {
        try {
          return (await host.run(action, input as { [field: string]: never })) as unknown as Answer;
        } catch (error) {
          if (!(error instanceof PluginFailure) || !error.details) throw error;
          throw new Refusal(error.message, error.details as object);
        }
      },
    });
  });
