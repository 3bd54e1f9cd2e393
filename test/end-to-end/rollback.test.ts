/** The way back is one call, and it leads to where the install was. */
import assert from "node:assert/strict";
import test from "node:test";
import pg from "pg";
import { startWithVersions } from "../support/versions.ts";

const storage = { storage: { maxBytes: 10_000, reason: "To count." } };
const remember = {
  get: { run: "return await storage.get(input.key) ?? null;" },
  set: { run: "await storage.set(input.key, input.value); return null;" },
};
const counting = (version: string, upgrade: string) => ({
  version,
  actions: remember,
  permissions: storage,
  hooks: { upgrade },
});

test("a roll-back restores version, and what the upgrade hook had written over", async (t) => {
  const { host, install } = await startWithVersions(t, [
    counting("1.0.0", "if (input.rollback) await storage.set('back from', input.from);"),
    counting(
      "2.0.0",
      "if (input.rollback) return; await storage.set('count', { new: await storage.get('count') }); await storage.set('added', 1);",
    ),
    counting("3.0.0", "await storage.delete('count');"),
  ]);
  const mine = await install(await host.tenant(), "1.0.0");
  const get = (key: string) => mine.outcome("get", { key });
  await mine.outcome("set", { key: "count", value: 7 });
  await mine.moveTo("2.0.0");
  await mine.outcome("set", { key: "own", value: "written by 2" });
  await mine.moveTo("3.0.0");
  assert.equal(await get("count"), null);

  assert.equal((await mine.rollBack()).body.version, "2.0.0");
  assert.deepEqual(await get("count"), { new: 7 });
  const back = await mine.rollBack();
  assert.equal(back.body.version, "1.0.0", JSON.stringify(back.body));
  assert.equal(await mine.outcome("version"), "1.0.0");
  assert.equal(await get("count"), 7);
  assert.equal(await get("added"), null);
  assert.equal(await get("own"), "written by 2", "what the hook did not touch stays");
  assert.equal(await get("back from"), "2.0.0");

  const none = await mine.rollBack();
  assert.deepEqual([none.status, none.body.code], [409, "rollback-unavailable"], JSON.stringify(none.body));
  assert.deepEqual(await mine.history(), [
    ["installed", null, "1.0.0"],
    ["upgraded", "1.0.0", "2.0.0"],
    ["upgraded", "2.0.0", "3.0.0"],
    ["rolled-back", "3.0.0", "2.0.0"],
    ["rolled-back", "2.0.0", "1.0.0"],
  ]);
  assert.deepEqual(await mine.events(), [
    "install.created",
    "install.upgraded",
    "install.upgraded",
    "install.rolled-back",
    "install.rolled-back",
  ]);

  await mine.moveTo("2.0.0");
  assert.deepEqual(await get("count"), { new: 7 });
  await mine.moveTo("1.0.0");
  assert.equal((await mine.rollBack()).body.version, "2.0.0", "a way down is taken back as any other change");
});

// Each of the changes writes over less than 40 bytes, and three over more than 80.
for (const limits of [{ rollbackVersions: 2 }, { rollbackBytes: 80 }])
  test(`the way back is as long as ${Object.keys(limits)} says, and what is not needed for it is not kept`, async (t) => {
    const versions = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"];
    const upgrade = "if (!input.rollback) await storage.set('count', input.to);";
    const { host, install } = await startWithVersions(
      t,
      versions.map((version) => counting(version, upgrade)),
      { sandboxLimits: limits },
    );
    const mine = await install(await host.tenant(), "1.0.0");
    const database = new pg.Client({ connectionString: host.databaseUrl });
    await database.connect();
    // A host whose clock is far ahead made the first change.
    await database.query("update core.install_history set id = 'chg_zzz' where change = 'installed'");
    for (const version of versions.slice(1)) await mine.moveTo(version);
    const kept = async () =>
      (
        await database.query(
          "select version from core.install_history where storage_before is not null order by seq",
        )
      ).rows.map(({ version }) => version);
    assert.deepEqual(await kept(), ["3.0.0", "4.0.0"]);
    assert.equal((await mine.rollBack()).body.version, "3.0.0");
    assert.deepEqual(await kept(), ["3.0.0"]);
    assert.equal((await mine.rollBack()).body.version, "2.0.0");
    assert.equal(await mine.outcome("get", { key: "count" }), "2.0.0");
    const { status, body } = await mine.rollBack();
    assert.deepEqual([status, body.code], [409, "rollback-unavailable"]);
    assert.match(body.detail, /not kept any more/);
    assert.deepEqual(await kept(), []);
    assert.deepEqual((await mine.history())[0], ["installed", null, "1.0.0"]);
    await database.end();
  });

test("a roll-back whose hook fails leaves the newer version serving", async (t) => {
  const { host, install } = await startWithVersions(t, [
    counting("1.0.0", "throw new Error('no way back');"),
    counting("2.0.0", "await storage.set('count', 'of 2');"),
  ]);
  const mine = await install(await host.tenant(), "1.0.0");
  await mine.moveTo("2.0.0");
  const answer = await mine.rollBack();
  assert.equal(answer.body.code, "lifecycle-hook-failed", JSON.stringify(answer.body));
  assert.equal(await mine.outcome("version"), "2.0.0");
  assert.equal(await mine.outcome("get", { key: "count" }), "of 2");
  assert.equal((await mine.history()).length, 2);
});

test("a version that the registry gives out no more is no way back", async (t) => {
  const { host, install } = await startWithVersions(t, [{ version: "1.0.0" }, { version: "2.0.0" }]);
  const mine = await install(await host.tenant(), "1.0.0");
  await mine.moveTo("2.0.0");
  const database = new pg.Client({ connectionString: host.databaseUrl });
  await database.connect();
  await database.query("delete from registry.versions where plugin = 'acme/versions' and version = '1.0.0'");
  await database.end();
  const answer = await mine.rollBack();
  assert.deepEqual(
    [answer.status, answer.body.code],
    [409, "rollback-unavailable"],
    JSON.stringify(answer.body),
  );
  assert.equal(await mine.outcome("version"), "2.0.0");
});

test("a fresh install's hook fills its storage, or there is no install", async (t) => {
  const { host, install } = await startWithVersions(t, [
    {
      version: "1.0.0",
      actions: remember,
      permissions: storage,
      hooks: { install: "await storage.set('installed', input.version);" },
    },
    { version: "2.0.0", permissions: storage, hooks: { install: "throw new Error('not here');" } },
  ]);
  const mine = await install(await host.tenant(), "1.0.0");
  assert.equal(await mine.outcome("get", { key: "installed" }), "1.0.0");

  const { api } = await host.tenant();
  const request = { plugin: "acme/versions", range: "2.0.0" };
  const { consent } = (await api.post("/api/v1/installs", request)).body;
  const failed = await api.post("/api/v1/installs", { ...request, consent });
  assert.equal(failed.body.code, "lifecycle-hook-failed", JSON.stringify(failed.body));
  assert.deepEqual((await api.get("/api/v1/installs")).body.items, []);
  const again = await api.post("/api/v1/installs", { ...request, range: "1.0.0", consent });
  assert.equal(again.status, 201, JSON.stringify(again.body));
});

test("an uninstall hook that fails keeps the install, until it is forced", async (t) => {
  const { host, install } = await startWithVersions(t, [
    { version: "1.0.0", hooks: { uninstall: "throw new Error('please stay');" } },
    { version: "1.0.1", hooks: { uninstall: "log.info('bye');" } },
  ]);
  for (const [version, query, status] of [
    ["1.0.0", "", 502],
    ["1.0.0", "?force=true", 204],
    ["1.0.1", "", 204],
  ] as const) {
    const mine = await install(await host.tenant(), version);
    assert.equal((await mine.tenant.api.delete(mine.path)).body.code, "install-in-use");
    await mine.tenant.api.delete(`/api/v1/connections/${mine.connectionId}`);
    const answer = await mine.tenant.api.delete(`${mine.path}${query}`);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal((await mine.tenant.api.get(mine.path)).status, status === 204 ? 404 : 200);
    if (status === 204) assert.equal((await mine.events()).at(-1), "install.removed");
    else assert.equal(answer.body.code, "lifecycle-hook-failed");
  }
});

test("what a hook tells is told with the change, once, or not at all", async (t) => {
  const told = {
    permissions: { events: { publish: ["told.*"], reason: "To tell." }, ...storage },
    actions: remember,
  };
  const { host, install } = await startWithVersions(t, [
    {
      version: "1.0.0",
      ...told,
      hooks: {
        install: `const once = { dedupeKey: "once" };
          const { id } = await events.publish("told.installed", 1, once);
          const { id: again } = await events.publish("told.installed", 2, once);
          if (id !== again) throw new Error("told twice");`,
        uninstall: "await events.publish('told.goodbye', 1);",
      },
    },
    {
      version: "2.0.0",
      ...told,
      hooks: { upgrade: "await events.publish('told.upgraded', 2); throw new Error('after all, no');" },
    },
    { version: "3.0.0", ...told, hooks: { upgrade: "await events.publish('told.upgraded', 3);" } },
  ]);
  const mine = await install(await host.tenant(), "1.0.0");
  assert.equal((await mine.moveTo("2.0.0")).body.code, "lifecycle-hook-failed");
  await mine.moveTo("3.0.0");
  await mine.rollBack();
  await mine.tenant.api.delete(`/api/v1/connections/${mine.connectionId}`);
  assert.equal((await mine.tenant.api.delete(mine.path)).status, 204);
  const { items } = (await mine.tenant.api.get("/api/v1/events")).body;
  assert.deepEqual(
    items.map(({ type, data }: { type: string; data: unknown }) =>
      type.startsWith("told") ? [type, data] : type,
    ),
    [
      ["told.installed", 1],
      "plugboard.install.created",
      ["told.upgraded", 3],
      "plugboard.install.upgraded",
      "plugboard.install.rolled-back",
      ["told.goodbye", 1],
      "plugboard.install.removed",
    ],
  );
});

test("another tenant's install is not there on any of these routes", async (t) => {
  const { host, install } = await startWithVersions(t, [{ version: "1.0.0" }, { version: "2.0.0" }]);
  const mine = await install(await host.tenant(), "1.0.0");
  await mine.moveTo("2.0.0");
  const { api } = await host.tenant();
  for (const answer of [
    await api.post(`${mine.path}/rollback`),
    await api.get(`${mine.path}/history`),
    await api.patch(mine.path, { range: "1.0.0" }),
    await api.delete(`${mine.path}?force=true`),
  ]) {
    assert.deepEqual(
      [answer.status, answer.body.code],
      [404, "install-not-found"],
      JSON.stringify(answer.body),
    );
  }
  for (const answer of [await api.get("/api/v1/quarantines"), await api.delete("/api/v1/quarantines/qua_1")])
    assert.equal(answer.status, 403);
  assert.equal(await mine.outcome("version"), "2.0.0");
  assert.deepEqual((await api.get("/api/v1/events")).body.items, []);
});
