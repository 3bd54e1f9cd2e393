/** A version that goes on crashing is not called any more, by those who suffer from it, until somebody says so. */
import assert from "node:assert/strict";
import test from "node:test";
import { createTestApi } from "../support/api.ts";
import { startTestHost } from "../support/host.ts";
import { startWithVersions, type TestInstall } from "../support/versions.ts";

const crash = { crash: { run: "for (;;) {}" } };
const limits = { blockMs: 100, crashes: 4, backOffMs: 1, quarantineCrashes: 4 };

/** Calls what crashes until it is not called any more. Gives the last answer. */
async function crashUntilRefused(install: TestInstall, most = 40) {
  for (let tries = 0; tries < most; tries++) {
    const answer = await install.call("crash");
    if (answer.body.code === "plugin-quarantined") return answer;
  }
  return assert.fail(`after ${most} calls that crash it is still called`);
}

async function crashTimes(install: TestInstall, times: number) {
  for (let done = 0; done < times; ) {
    const { body } = await install.call("crash");
    assert.match(
      body.code,
      /^plugin-(blocked|cpu-exceeded|crashed|deadline-exceeded)$/,
      JSON.stringify(body),
    );
    if (body.code !== "plugin-crashed") done += 1;
  }
}

test("one tenant's crashes keep the plugin from that tenant alone", { timeout: 170_000 }, async (t) => {
  const versions = ["1.0.0", "2.0.0"].map((version) => ({ version, actions: crash }));
  const { host, install } = await startWithVersions(t, versions, {
    isolation: "process",
    sandboxLimits: limits,
  });
  const [bad, good] = [
    await install(await host.tenant(), "1.0.0"),
    await install(await host.tenant(), "1.0.0"),
  ];
  assert.equal((await bad.read()).quarantine, null);

  const { status, body } = await crashUntilRefused(bad);
  assert.deepEqual([status, body.retryable], [503, false]);
  assert.equal(await bad.outcome("version"), "plugin-quarantined");
  assert.equal(await good.outcome("version"), "1.0.0");
  assert.equal((await good.read()).quarantine, null);
  const shown = (await bad.read()).quarantine;
  assert.match(shown.reason, /crashed 4 times/);
  assert.deepEqual(await bad.events(), ["install.created", "plugin.quarantined"]);
  assert.deepEqual(await good.events(), ["install.created"]);
  const listed = (await host.admin.get("/api/v1/quarantines")).body.items;
  assert.deepEqual(
    listed.map((item: Record<string, unknown>) => [item.plugin, item.version, item.tenantId, item.since]),
    [["acme/versions", "1.0.0", bad.tenant.id, shown.since]],
  );

  await t.test("it outlives the host, and other hosts know of it", async (t) => {
    const other = await startTestHost(t, { beside: host, isolation: "process", sandboxLimits: limits });
    const there = createTestApi(other.address, bad.tenant.key);
    assert.equal((await bad.call("version", {}, there)).body.code, "plugin-quarantined");
    const again = createTestApi(await host.restart(), bad.tenant.key);
    assert.equal((await bad.call("version", {}, again)).body.code, "plugin-quarantined");
  });
});

test("another version is free; the way into a quarantined one is not", { timeout: 170_000 }, async (t) => {
  const versions = ["1.0.0", "2.0.0"].map((version) => ({ version, actions: crash }));
  const { host, install } = await startWithVersions(t, versions, {
    isolation: "process",
    sandboxLimits: limits,
  });
  const mine = await install(await host.tenant(), "1.0.0");
  await crashUntilRefused(mine);
  const away = await mine.moveTo("2.0.0");
  assert.deepEqual([away.body.version, away.body.quarantine], ["2.0.0", null], JSON.stringify(away.body));
  assert.equal(await mine.outcome("version"), "2.0.0");

  for (const answer of [await mine.moveTo("1.0.0"), await mine.rollBack()])
    assert.deepEqual(
      [answer.status, answer.body.code],
      [409, "release-quarantined"],
      JSON.stringify(answer.body),
    );
  assert.equal(await mine.outcome("version"), "2.0.0");

  const [{ id }] = (await host.admin.get("/api/v1/quarantines")).body.items;
  assert.equal((await host.admin.delete(`/api/v1/quarantines/${id}`)).status, 204);
  assert.equal((await host.admin.delete(`/api/v1/quarantines/${id}`)).body.code, "quarantine-not-found");
  assert.equal((await mine.rollBack()).body.version, "1.0.0");
  assert.equal(await mine.outcome("version"), "1.0.0");
  await crashTimes(mine, 3);
  assert.equal(await mine.outcome("version"), "1.0.0", "it was lifted with a clean slate");
});

test("crashes of many tenants keep it from all, who are told, and told again when it is lifted", {
  timeout: 170_000,
}, async (t) => {
  const { host, install } = await startWithVersions(t, [{ version: "1.0.0", actions: crash }], {
    isolation: "process",
    sandboxLimits: { ...limits, quarantinePercent: 100 },
  });
  const tenants = await Promise.all(["a", "b", "c", "d"].map(() => host.tenant()));
  const installs: TestInstall[] = [];
  for (const tenant of tenants) installs.push(await install(tenant, "1.0.0"));
  const [first, second, third, fourth] = installs as [TestInstall, TestInstall, TestInstall, TestInstall];
  await crashTimes(first, 3);
  await crashTimes(second, 3);
  await crashTimes(fourth, 1);
  // A call may share its thread with one that crashes, and is told to try again.
  let answer = "plugin-crashed";
  while (answer === "plugin-crashed") answer = await third.outcome("version");
  assert.equal(answer, "1.0.0", "three of four are not so many as this host asks for");
  await crashTimes(third, 1);
  let outcome = "";
  while (outcome !== "plugin-quarantined") outcome = await third.outcome("version");
  for (const mine of installs) {
    assert.match((await mine.read()).quarantine.reason, /crashed/);
    assert.deepEqual(await mine.events(), ["install.created", "plugin.quarantined"]);
  }
  const [{ id, tenantId }] = (await host.admin.get("/api/v1/quarantines")).body.items;
  assert.equal(tenantId, null);
  const metrics = (await host.anonymous.get("/metrics")).body;
  assert.match(metrics, /limit_reached_total\{plugin="acme\/versions",limit="quarantineTenants"\} 1/);

  const late = await host.tenant();
  const request = { plugin: "acme/versions" };
  const { consent } = (await late.api.post("/api/v1/installs", request)).body;
  const refused = await late.api.post("/api/v1/installs", { ...request, consent });
  assert.equal(refused.body.code, "release-quarantined", JSON.stringify(refused.body));

  await third.tenant.api.delete(`/api/v1/connections/${third.connectionId}`);
  assert.equal(
    (await third.tenant.api.delete(third.path)).status,
    204,
    "what is in quarantine can be uninstalled",
  );

  await host.admin.delete(`/api/v1/quarantines/${id}`);
  assert.equal(await first.outcome("version"), "1.0.0");
  assert.deepEqual(await first.events(), ["install.created", "plugin.quarantined", "plugin.released"]);
  assert.equal((await first.read()).quarantine, null);
});
