/** An upgrade under the eyes of whoever calls: the new version takes over, or nothing happened. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import pg from "pg";
import { createTestApi } from "../support/api.ts";
import { gatePermission, startGate, waitAtGate } from "../support/gate.ts";
import { startTestHost } from "../support/host.ts";
import { installed, startWithVersions } from "../support/versions.ts";

const storage = { storage: { maxBytes: 10_000, reason: "To count." } };
const remember = {
  get: { run: "return await storage.get(input.key) ?? null;" },
  set: { run: "await storage.set(input.key, input.value); return null;" },
};

/** What the registry has on record, which must never differ from what runs. */
async function registryVersion(t: TestContext, databaseUrl: string, installId: string) {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  t.after(() => database.end());
  // The database is dropped under it if the test ends early.
  database.on("error", () => {});
  return async () => {
    const { rows } = await database.query("select version from registry.installs where id = $1", [installId]);
    return rows[0]?.version;
  };
}

test("calls that never stop see the upgrade as another version, and none of them fails", async (t) => {
  const { host, install } = await startWithVersions(t, [{ version: "1.0.0" }, { version: "2.0.0" }]);
  const mine = await install(await host.tenant(), "1.0.0");
  const outcomes = new Map<string, number>();
  const { promise: newVersionAnswered, resolve: enough } = Promise.withResolvers<void>();
  let isOver = false;
  const callers = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const outcome = await mine.outcome("version");
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if ((outcomes.get("2.0.0") ?? 0) >= 50) enough();
    }
  });
  while ((outcomes.get("1.0.0") ?? 0) < 50) await mine.outcome("version");

  const upgrade = await mine.moveTo("2.0.0");
  assert.equal(upgrade.body.version, "2.0.0", JSON.stringify(upgrade.body));
  assert.equal(
    await mine.outcome("version"),
    "2.0.0",
    "once it was answered, every call runs the new version",
  );
  await newVersionAnswered;
  isOver = true;
  await Promise.all(callers);

  assert.deepEqual([...outcomes.keys()].sort(), ["1.0.0", "2.0.0"]);
  assert.deepEqual(await mine.history(), [
    ["installed", null, "1.0.0"],
    ["upgraded", "1.0.0", "2.0.0"],
  ]);
  assert.deepEqual(await mine.events(), ["install.created", "install.upgraded"]);
});

test("a call ends in the version that it began in, unless it takes longer than the drain time", async (t) => {
  const gate = await startGate(t);
  const wait = { wait: { run: `${waitAtGate} return "ended in 1.0.0";` } };
  const versions = [
    { version: "1.0.0", actions: wait, permissions: gatePermission },
    { version: "2.0.0", permissions: gatePermission },
  ];
  const { host, install } = await startWithVersions(t, versions, {
    egressRewrite: gate.rewrite,
    pluginSettings: {
      defaults: { limits: { drainMs: 60_000 } },
      plugins: { "acme/*": { limits: { drainMs: 60_000 } } },
    },
  });

  await t.test("it ends", async () => {
    const mine = await install(await host.tenant(), "1.0.0");
    const long = mine.call("wait");
    await gate.reached(1);
    assert.equal((await mine.moveTo("2.0.0")).status, 200);
    assert.equal(await mine.outcome("version"), "2.0.0", "new calls do not wait for old ones");
    gate.open();
    assert.equal((await long).body.output, "ended in 1.0.0");
  });
});

test("what is still running after the drain time is aborted, and may be repeated", async (t) => {
  const gate = await startGate(t);
  const wait = { wait: { run: `${waitAtGate} return "ended";` } };
  const versions = ["1.0.0", "2.0.0"].map((version) => ({
    version,
    actions: wait,
    permissions: gatePermission,
  }));
  const { host, install } = await startWithVersions(t, versions, {
    egressRewrite: gate.rewrite,
    sandboxLimits: { drainMs: 100 },
  });
  const mine = await install(await host.tenant(), "1.0.0");
  const long = mine.call("wait");
  await gate.reached(1);
  assert.equal((await mine.moveTo("2.0.0")).status, 200);
  const { status, body, headers } = await long;
  assert.deepEqual([status, body.code, body.retryable], [503, "plugin-replaced", true], JSON.stringify(body));
  assert.ok(headers.get("retry-after"));
  gate.open();
  assert.equal(await mine.outcome("wait"), "ended");
});

test("an upgrade hook that does not succeed leaves everything as it was", { timeout: 170_000 }, async (t) => {
  const hooks: Record<string, { run: string; reason: RegExp }> = {
    throws: { run: "throw new Error('no way up');", reason: /^plugin-failed$/ },
    spins: { run: "for (;;) {}", reason: /^plugin-(blocked|cpu-exceeded|deadline-exceeded|crashed)$/ },
    "never answers": { run: "await new Promise(() => {});", reason: /^plugin-deadline-exceeded$/ },
    "ends its process": {
      run: "'x'.repeat(2 ** 29 - 100).split('');",
      // By the time that it has, where the machine is busy.
      reason: /^plugin-(out-of-memory|crashed|blocked|deadline-exceeded)$/,
    },
    "stores too much": { run: "await storage.set('big', 'x'.repeat(20000));", reason: /^plugin-failed$/ },
  };
  const names = Object.keys(hooks);
  const { host, install } = await startWithVersions(
    t,
    [
      { version: "1.0.0", actions: remember, permissions: storage },
      ...names.map((name, index) => ({
        version: `2.0.${index}`,
        actions: remember,
        permissions: storage,
        hooks: { upgrade: `await storage.set("count", "changed by 2"); ${hooks[name]?.run}` },
      })),
    ],
    { isolation: "process", sandboxLimits: { hookMs: 10_000 } },
  );
  for (const [index, name] of names.entries()) {
    await t.test(`it ${name}`, async (t) => {
      const mine = await install(await host.tenant(), "1.0.0");
      const onRecord = await registryVersion(t, host.databaseUrl, mine.installId);
      await mine.outcome("set", { key: "count", value: 7 });
      const before = await mine.read();

      const answer = await mine.moveTo(`2.0.${index}`);

      assert.equal(answer.body.code, "lifecycle-hook-failed", JSON.stringify(answer.body));
      assert.match(answer.body.reason, hooks[name]?.reason ?? /^$/, JSON.stringify(answer.body));
      assert.deepEqual(await mine.read(), before);
      assert.equal(await onRecord(), "1.0.0");
      assert.equal(await mine.outcome("version"), "1.0.0");
      assert.equal(await mine.outcome("get", { key: "count" }), 7, "what the hook wrote counts for nothing");
      assert.deepEqual(await mine.history(), [["installed", null, "1.0.0"]]);
    });
  }
});

test("nothing that the tenant configured is lost by an upgrade, a failed one, or a way down", async (t) => {
  const config = { config: { type: "object", properties: { shop: { type: "string" } } } };
  const actions = { ...remember, shop: { run: "return connection.config.shop;" } };
  const of = (version: string, upgrade: string) => ({
    version,
    actions,
    permissions: storage,
    manifest: { connection: config },
    hooks: { upgrade },
  });
  const keep = "await storage.set('upgraded', input.to);";
  const versions = [of("1.0.0", keep), of("2.0.0", keep), of("3.0.0", "throw new Error('no');")];
  const { host } = await startWithVersions(t, versions);
  const mine = await installed(host, await host.tenant(), "1.0.0", { shop: "north" });
  await mine.outcome("set", { key: "count", value: 1 });
  await mine.tenant.api.patch(mine.path, { status: "disabled" });
  const { createdAt } = await mine.read();
  const connection = (await mine.tenant.api.get(`/api/v1/connections/${mine.connectionId}`)).body;

  for (const [range, status] of [
    ["2.0.0", 200],
    ["3.0.0", 502],
    ["1.0.0", 200],
    ["2.0.0", 200],
  ] as const) {
    const answer = await mine.moveTo(range);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    const install = await mine.read();
    assert.deepEqual([install.status, install.createdAt], ["disabled", createdAt]);
    assert.equal(await mine.outcome("version"), "install-disabled");
    const now = (await mine.tenant.api.get(`/api/v1/connections/${mine.connectionId}`)).body;
    assert.deepEqual(now, connection);
  }
  await mine.tenant.api.patch(mine.path, { status: "active" });
  assert.equal(await mine.outcome("shop"), "north");
  assert.equal(await mine.outcome("get", { key: "count" }), 1);
  assert.equal(await mine.outcome("get", { key: "upgraded" }), "2.0.0");
});

test("a version that connections do not fit is refused, and says which and why", async (t) => {
  const needs = (name: string) => ({
    config: { type: "object", required: [name], properties: { [name]: { type: "string" } } },
  });
  const basic = [{ type: "basic" }];
  const { host, install } = await startWithVersions(t, [
    { version: "1.0.0" },
    { version: "2.0.0", manifest: { connection: needs("region") } },
    { version: "3.0.0", manifest: { auth: basic } },
  ]);
  const mine = await install(await host.tenant(), "1.0.0");
  for (const [range, pointer] of [
    ["2.0.0", "/config/region"],
    ["3.0.0", "/auth/type"],
  ] as const) {
    const { status, body } = await mine.moveTo(range);
    assert.deepEqual([status, body.code], [409, "upgrade-incompatible"], JSON.stringify(body));
    assert.equal(body.connections[0].id, mine.connectionId);
    assert.ok(pointer.startsWith(body.connections[0].problems[0].pointer), JSON.stringify(body));
    assert.equal(await mine.outcome("version"), "1.0.0");
  }
});

test("a version that asks for more waits for consent while the old one serves", async (t) => {
  const { host, install } = await startWithVersions(t, [
    { version: "1.0.0" },
    { version: "2.0.0", permissions: gatePermission },
  ]);
  const mine = await install(await host.tenant(), "1.0.0");
  const asked = await mine.moveTo("^2.0.0");
  assert.deepEqual([asked.status, asked.body.code], [409, "consent-required"]);
  assert.equal(await mine.outcome("version"), "1.0.0");
  assert.equal((await mine.moveTo("^2.0.0", "0".repeat(64))).body.code, "consent-required");
  assert.equal(await mine.outcome("version"), "1.0.0");
  assert.equal((await mine.moveTo("^2.0.0", asked.body.consent)).body.version, "2.0.0");
  assert.equal(await mine.outcome("version"), "2.0.0");
});

test("of upgrades at the same moment one wins, and registry and host say the same", async (t) => {
  const versions = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"].map((version) => ({ version }));
  const { host, install } = await startWithVersions(t, versions);
  const mine = await install(await host.tenant(), "1.0.0");
  const onRecord = await registryVersion(t, host.databaseUrl, mine.installId);
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(["1.1.0", "1.2.0", "1.3.0", "1.0.0"].map((to) => mine.moveTo(to)));
    assert.ok(answers.some(({ status }) => status === 200));
    for (const { status, body } of answers)
      if (status !== 200) assert.deepEqual([status, body.code], [409, "install-changing"]);
    const { version } = await mine.read();
    assert.equal(await onRecord(), version);
    assert.equal(await mine.outcome("version"), version);
  }
});

test("an upgrade hook whose ground the old version moved is run again", async (t) => {
  const hook = `
    const count = await storage.get("count");
    while (!(await storage.list({ prefix: "moved" })).keys.length) await new Promise((go) => setTimeout(go, 5));
    await storage.set("count", { was: count });`;
  const { host, install } = await startWithVersions(t, [
    { version: "1.0.0", actions: remember, permissions: storage },
    { version: "2.0.0", actions: remember, permissions: storage, hooks: { upgrade: hook } },
  ]);
  const mine = await install(await host.tenant(), "1.0.0");
  await mine.outcome("set", { key: "count", value: 1 });
  const upgrade = mine.moveTo("2.0.0");
  await mine.outcome("set", { key: "count", value: 2 });
  await mine.outcome("set", { key: "moved", value: true });
  assert.equal((await upgrade).status, 200, JSON.stringify((await upgrade).body));
  assert.deepEqual(await mine.outcome("get", { key: "count" }), { was: 2 });
});

test("another host over the same database runs the new version, and lets go of the old one", async (t) => {
  const gate = await startGate(t);
  const versions = ["1.0.0", "2.0.0"].map((version) => ({
    version,
    actions: { wait: { run: `${waitAtGate} return "ended";` } },
    permissions: gatePermission,
  }));
  const options = {
    isolation: "thread" as const,
    egressRewrite: gate.rewrite,
    sandboxLimits: { drainMs: 100 },
  };
  const { host, install } = await startWithVersions(t, versions, options);
  const other = await startTestHost(t, { ...options, beside: host });
  const mine = await install(await host.tenant(), "1.0.0");
  const there = createTestApi(other.address, mine.tenant.key);
  assert.equal((await mine.call("version", {}, there)).body.output, "1.0.0");

  const long = mine.call("wait", {}, there);
  await gate.reached(1);
  assert.equal((await mine.moveTo("2.0.0")).status, 200);
  assert.equal((await long).body.code, "plugin-replaced");
  let said = "";
  // The news takes the time of a notification.
  while (said !== "2.0.0") said = (await mine.call("version", {}, there)).body.output;
  assert.equal((await there.get(mine.path)).body.version, "2.0.0");
  const closed = /"plugin":"acme\/versions","version":"1.0.0"[^\n]*"reason":"closed"/;
  while (!closed.test(other.logged())) await there.get(mine.path);
  assert.equal(
    (await there.get("/api/v1/marketplace/plugins/acme/versions")).body.installed.version,
    "2.0.0",
  );
});
