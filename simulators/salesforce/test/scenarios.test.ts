/** jsforce finds everything as at Salesforce. The connector plays the same scenarios: plugins/salesforce/test. */
import { after, before, test } from "node:test";
import { type Connected, connect } from "./connect.ts";
import { jsforceDriver } from "./jsforce-driver.ts";
import { scenarioClock, scenarioOrgs, scenarios, scenarioToken } from "./scenarios/index.ts";

const clock = scenarioClock();
let connected: Connected;
before(async () => {
  connected = await connect({ ...scenarioOrgs, nowMs: clock.nowMs, sessionSeconds: 7 * 86_400 });
});
after(() => connected.close());

for (const [index, { name, play }] of scenarios.entries())
  test(name, () =>
    play({
      run: jsforceDriver(connected.as({ accessToken: scenarioToken(index) })),
      org: connected.org(`scenario${index}`),
      pass: clock.pass,
    }),
  );
