import assert from "node:assert/strict";
import test from "node:test";
import { grantOf, openPlugin, startVendor, turnedClock } from "./harness.ts";

test("1,000 connections of 100 tenants, one vendor down: others go on, no queue grows beyond its bound, nothing waiting is lost", async (t) => {
  const held: (() => void)[] = [];
  let isDown = true;
  const down = await startVendor(t, (_, response) => {
    if (isDown) held.push(() => response.end("late"));
    else response.end("ok");
  });
  const up = await startVendor(t);
  const hosts = { "down.test": down.origin, "up.test": up.origin };
  const plugin = openPlugin(t, {
    rewrite: hosts,
    network: grantOf(...Object.keys(hosts)),
    clock: turnedClock(),
    limits: {
      ...{
        maxInFlight: 40,
        maxInFlightPerTenant: 40,
        maxInFlightPerPlugin: 20,
        maxInFlightPerPluginTenant: 10,
      },
      ...{ maxInFlightPerConnection: 2, maxQueuedPerPlugin: 600, maxQueuedPerPluginTenant: 8 },
    },
  });
  const connections = Array.from({ length: 1_000 }, (_, i) => ({
    id: `con_${i}`,
    tenantId: `tnt_${i % 100}`,
  }));
  const toDown = connections.map((connection) =>
    plugin
      .over({ ...connection, pluginId: "acme/down" })
      .fetch({ url: "https://down.test/" })
      .then(
        ({ status }) => String(status),
        ({ code }: { code: string }) => code,
      ),
  );
  while (held.length < 20) await new Promise((resolve) => setImmediate(resolve));
  assert.match(await plugin.metrics.text(), /^plugboard_egress_queued 600$/m);

  const toUp = connections.map((connection) =>
    plugin
      .over({ ...connection, id: `${connection.id}_up`, pluginId: "acme/up" })
      .fetch({ url: "https://up.test/" }),
  );
  const up200 = (await Promise.allSettled(toUp)).filter(({ status }) => status === "fulfilled");
  // Those, too, line up; a tenant has at most eight that wait.
  assert.ok(up200.length >= 620, `${up200.length} went through`);
  assert.equal(down.requests.length, 20, "the other vendor was down all the while");

  isDown = false;
  const mostInTurn = countPerTurn(toDown);
  for (const answer of held) answer();
  const outcomes = Map.groupBy(await Promise.all(toDown), (outcome) => outcome);
  assert.ok(mostInTurn() <= 6, `${mostInTurn()} of them went on in one turn of the event loop`);
  assert.equal(outcomes.get("200")?.length, 620, "what was under way, and all that waited");
  assert.equal(outcomes.get("fetch-queue-full")?.length, 380);
  assert.match(await plugin.metrics.text(), /^plugboard_egress_queued 0$/m);
  assert.match(await plugin.metrics.text(), /^plugboard_egress_in_flight 0$/m);
});

/** How many at most come in one turn of the event loop; until all have. */
function countPerTurn(all: Promise<string>[]): () => number {
  let inTurn = 0;
  let most = 0;
  let left = all.length;
  for (const one of all) {
    one.then((outcome) => {
      left--;
      if (outcome === "200") most = Math.max(most, ++inTurn);
    });
  }
  const turn = () => {
    inTurn = 0;
    if (left > 0) setImmediate(turn);
  };
  turn();
  return () => most;
}
