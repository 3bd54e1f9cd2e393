/** Versions run side by side: what one tenant changes is no other tenant's business. */
import assert from "node:assert/strict";
import test from "node:test";
import { gatePermission, startGate, waitAtGate } from "../support/gate.ts";
import { startWithVersions } from "../support/versions.ts";

const remember = {
  get: { run: "return await storage.get('mine') ?? null;" },
  set: { run: "await storage.set('mine', input.value); return null;" },
};
const storage = { storage: { maxBytes: 1_000, reason: "To remember." } };

test("two tenants call two versions of one plugin at the same time", async (t) => {
  const versions = ["1.0.0", "2.0.0"].map((version) => ({
    version,
    actions: remember,
    permissions: storage,
  }));
  const { host, install } = await startWithVersions(t, versions);
  const [one, two] = [
    await install(await host.tenant(), "1.0.0"),
    await install(await host.tenant(), "2.0.0"),
  ];
  await Promise.all([one.outcome("set", { value: "of one" }), two.outcome("set", { value: "of two" })]);
  const outcomes = await Promise.all(
    Array.from({ length: 60 }, (_, index) => (index % 2 ? two : one).outcome(index % 3 ? "version" : "get")),
  );
  for (const [index, outcome] of outcomes.entries()) {
    const [version, value] = index % 2 ? ["2.0.0", "of two"] : ["1.0.0", "of one"];
    assert.equal(outcome, index % 3 ? version : value);
  }
  assert.equal((await one.read()).version, "1.0.0");
  assert.equal((await two.read()).version, "2.0.0");
});

test("a tenant that leaves a version takes nothing from one that stays", async (t) => {
  const gate = await startGate(t);
  const versions = ["1.0.0", "2.0.0"].map((version) => ({
    version,
    actions: { wait: { run: `${waitAtGate} return "ended in ${version}";` } },
    permissions: gatePermission,
  }));
  const { host, install } = await startWithVersions(t, versions, {
    egressRewrite: gate.rewrite,
    sandboxLimits: { drainMs: 50 },
  });
  const [leaving, staying] = [
    await install(await host.tenant(), "1.0.0"),
    await install(await host.tenant(), "1.0.0"),
  ];
  const [left, stayed] = [leaving.call("wait"), staying.call("wait")];
  await gate.reached(2);
  assert.equal((await leaving.moveTo("2.0.0")).status, 200);
  assert.equal((await left).body.code, "plugin-replaced");
  const metrics = (await host.anonymous.get("/metrics")).body;
  assert.match(metrics, /limit_reached_total\{plugin="acme\/versions",limit="drainMs"\} 1/);
  gate.open();
  assert.equal((await stayed).body.output, "ended in 1.0.0");
  assert.equal(await staying.outcome("version"), "1.0.0");
});

test("a release that no install runs any more is let go of", async (t) => {
  const { host, install } = await startWithVersions(t, [{ version: "1.0.0" }, { version: "2.0.0" }]);
  const [one, two] = [
    await install(await host.tenant(), "1.0.0"),
    await install(await host.tenant(), "1.0.0"),
  ];
  await one.outcome("version");
  const closed = () => /"version":"1.0.0"[^\n]*"reason":"closed"/.test(host.logged());
  await one.moveTo("2.0.0");
  assert.equal(await two.outcome("version"), "1.0.0");
  assert.equal(closed(), false, "somebody still runs it");
  await two.moveTo("2.0.0");
  while (!closed()) await two.outcome("version");
  assert.equal((await two.rollBack()).body.version, "1.0.0", "and started again when it is needed");
  assert.equal(await two.outcome("version"), "1.0.0");
});
