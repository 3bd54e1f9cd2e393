/** The connector finds everything as jsforce does: simulators/salesforce/test plays the same scenarios with that. */
import { after, before, test } from "node:test";
import { PluginFailure } from "@plugboard/plugin-sdk/testing";
import {
  Refusal,
  scenarioClock,
  scenarioOrgs,
  scenarios,
  scenarioToken,
} from "@plugboard/simulator-salesforce/scenarios";
import { type Connected, connect } from "./connect.ts";

const clock = scenarioClock();
let connected: Connected;
before(async () => {
  connected = await connect({ ...scenarioOrgs, nowMs: clock.nowMs, sessionSeconds: 7 * 86_400 });
});
after(() => connected.close());

for (const [index, { name, play }] of scenarios.entries())
  test(name, async () => {
    connected.useToken(scenarioToken(index));
    await play({
      org: connected.vendor.org(`scenario${index}`),
      pass: clock.pass,
      async run(action, input = {}) {
        try {
          return await connected.run(action, input);
        } catch (error) {
          const code =
            error instanceof PluginFailure && (error.details as { code?: string } | undefined)?.code;
          throw code ? new Refusal((error as Error).message, code) : error;
        }
      },
    });
  });
