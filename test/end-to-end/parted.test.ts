/** Registry and host each record a change; whatever befalls the requests between them, they end up saying the same. */
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { createRegistryClient } from "@plugboard/registry/client";
import pg from "pg";
import { createTestApi, type TestAnswer } from "../support/api.ts";
import { adminKey, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import { startHostProcess } from "../support/process.ts";
import { hostToken, operatorToken, startTamperingProxy, startTestRegistry } from "../support/registry.ts";
import { installed, plugin, sayVersion } from "../support/versions.ts";

const good = ["1.0.0", "2.0.0", "3.0.0"];
/** Its `upgrade` hook fails, so that the registry has to be set back. */
const bad = "4.0.0";
type Owner = Parameters<typeof startTestRegistry>[0];
const isChange = (request: string) => /^(PATCH|DELETE) .*\/installs\//.test(request);

/** Two hosts over one database, and a registry apart; the second host meets it through a proxy. Each test has installs of its own. */
async function setUp(t: Owner) {
  const registry = await startTestRegistry(t);
  const proxy = await startTamperingProxy(t, registry.address);
  const host = await startTestHost(t, {
    isolation: "thread",
    registry: { url: registry.address, token: hostToken },
  });
  const publisher = await registerPublisher(registry.address, "acme");
  for (const version of [...good, bad]) {
    const hooks = version === bad ? { upgrade: "throw new Error('no');" } : {};
    await publishTestPlugin(registry.address, publisher, {
      id: plugin,
      version,
      actions: sayVersion(version),
      hooks,
    });
  }
  const client = createRegistryClient({ baseUrl: registry.address, hostToken });
  const operator = createRegistryClient({ baseUrl: registry.address, operatorToken });
  const database = new pg.Client({ connectionString: host.databaseUrl });
  await database.connect();
  t.after(() => database.end());
  database.on("error", () => {});
  return {
    host,
    proxy,
    operator,
    install: async () => installed(host, await host.tenant(), "1.0.0"),
    startSecond: () =>
      startHostProcess({
        PLUGBOARD_DATA_DIR: host.dataDir,
        DATABASE_URL: host.databaseUrl,
        PLUGBOARD_ADMIN_KEY: adminKey,
        PLUGBOARD_REGISTRY_URL: proxy.address,
        PLUGBOARD_REGISTRY_TOKEN: hostToken,
      }),
    onRecord: async (tenantId: string) => (await client.listInstalls(tenantId))[0]?.version,
    /** As if the time of the lease had passed whose holder was paused, killed or cut off. */
    letLeaseEnd: () => database.query("update core.install_changes set expires_at = now()"),
    leases: async () => (await database.query("select from core.install_changes")).rowCount,
  };
}

let scene: Awaited<ReturnType<typeof setUp>>;
const undo: (() => Promise<void> | void)[] = [];
before(async () => {
  scene = await setUp({
    after: (step: () => Promise<void> | void) => void undo.push(step),
  } as unknown as Owner);
});
after(async () => {
  for (const step of undo.toReversed()) await step();
});

/** Something that is announced once. */
function signal() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { happened: promise, tell: resolve };
}

test("a host that was away for longer than its lease changes nothing any more", {
  timeout: 170_000,
}, async (t) => {
  const { proxy, install, startSecond, onRecord, letLeaseEnd } = scene;
  const away = await startSecond();
  t.after(() => away.stop());

  for (const [what, to, held] of [
    ["its request to change the version comes late", "2.0.0", 1],
    ["its request to set the version back comes late", bad, 2],
  ] as const) {
    await t.test(what, async (t) => {
      const mine = await install();
      const [arrived, released, done] = [signal(), signal(), signal()];
      let changes = 0;
      proxy.mishaps = {
        async before(request) {
          if (!isChange(request) || ++changes !== held) return;
          arrived.tell();
          await released.happened;
        },
        after: (request) => (isChange(request) && changes === held ? done.tell() : undefined),
      };
      t.after(() => released.tell());
      const change = createTestApi(away.address, mine.tenant.key).patch(mine.path, { range: to });
      await arrived.happened;
      away.pause();
      try {
        await letLeaseEnd();
        const other = await mine.moveTo("3.0.0");
        assert.equal(other.body.version, "3.0.0", JSON.stringify(other.body));
        released.tell();
        await done.happened;
        assert.equal(await onRecord(mine.tenant.id), "3.0.0");
      } finally {
        away.resume();
      }
      assert.notEqual((await change).status, 200);
      assert.equal(await onRecord(mine.tenant.id), "3.0.0");
      assert.equal((await mine.read()).version, "3.0.0");
      assert.equal(await mine.outcome("version"), "3.0.0");
      proxy.mishaps = { before() {}, after() {} };
    });
  }
});

test("a host that is killed at any step of a change leaves nothing that does not mend", {
  timeout: 170_000,
}, async (t) => {
  const { proxy, install, startSecond, onRecord, letLeaseEnd, leases } = scene;
  let second = await startSecond();
  t.after(() => second.stop());
  for (const [to, held, when] of [
    ["2.0.0", 1, "before"],
    ["2.0.0", 1, "after"],
    [bad, 2, "before"],
    [bad, 2, "after"],
  ] as const) {
    await t.test(`${when} the registry hears request ${held} of a change to ${to}`, async () => {
      const mine = await install();
      const arrived = signal();
      let changes = 0;
      const hold = (request: string, count: number) => {
        changes += isChange(request) ? count : 0;
        if (!isChange(request) || changes !== held) return;
        arrived.tell();
        return new Promise<void>(() => {});
      };
      proxy.mishaps =
        when === "before"
          ? { before: (request) => hold(request, 1), after() {} }
          : { before() {}, after: (request) => hold(request, 1) };
      const change = createTestApi(second.address, mine.tenant.key)
        .patch(mine.path, { range: to })
        .then(
          () => "answered",
          () => "cut off",
        );
      await arrived.happened;
      await second.killNine();
      assert.equal(await change, "cut off");
      proxy.mishaps = { before() {}, after() {} };
      await letLeaseEnd();
      second = await startSecond();
      while ((await leases()) !== 0) await mine.read();
      assert.equal(await onRecord(mine.tenant.id), "1.0.0");
      assert.equal(await mine.outcome("version"), "1.0.0");
      assert.equal((await mine.moveTo("3.0.0")).body.version, "3.0.0");
    });
  }
});

test("requests that are lost, answers that are lost or late: both sides say the same in the end", {
  timeout: 170_000,
}, async (t) => {
  const { host, proxy, install, onRecord, letLeaseEnd, leases } = scene;
  const second = await startTestHost(t, {
    beside: host,
    isolation: "thread",
    registry: { url: proxy.address, token: hostToken },
  });
  const mine = await install();
  let api = createTestApi(second.address, mine.tenant.key);
  const seed = Date.now() % 2 ** 31;
  const random = mulberry32(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const mishap = (request: string) => {
    if (!isChange(request)) return;
    const what = pick(["pass", "pass", "cut", "late"]);
    if (what === "cut") throw new Error("cut");
    if (what === "late") return new Promise<void>((go) => setTimeout(go, random() * 50));
  };

  for (let round = 0; round < 10; round++) {
    proxy.mishaps = { before: mishap, after: mishap };
    const answers: TestAnswer[] = [];
    const change = async (by: typeof api) => {
      const range = pick([...good, bad, "rollback"]);
      answers.push(
        range === "rollback" ? await by.post(`${mine.path}/rollback`) : await by.patch(mine.path, { range }),
      );
    };
    await Promise.all([change(api), change(mine.tenant.api), change(api)]);
    for (const { status, body } of answers)
      assert.ok([200, 409, 502, 503].includes(status), `seed ${seed}: ${JSON.stringify(body)}`);
    proxy.mishaps = { before() {}, after() {} };
    await letLeaseEnd();
    // Whoever starts looks for what was left behind.
    api = createTestApi(await second.restart(), mine.tenant.key);
    while ((await leases()) !== 0) await mine.read();
    const { version } = await mine.read();
    assert.equal(await onRecord(mine.tenant.id), version, `seed ${seed}, round ${round}`);
    assert.equal(await mine.outcome("version"), version, `seed ${seed}, round ${round}`);
  }
});

// The last one: nobody installs that version any more.
test("an upgrade that fails leads back to a version that was blocked since, and locks nothing", async () => {
  const { install, operator, leases, onRecord } = scene;
  const mine = await install();
  await operator.blockVersion(plugin, "1.0.0", "It was found out.");

  const failed = await mine.moveTo(bad);
  assert.deepEqual(
    [failed.status, failed.body.code],
    [502, "lifecycle-hook-failed"],
    JSON.stringify(failed.body),
  );
  assert.equal(await onRecord(mine.tenant.id), "1.0.0");
  assert.equal(await leases(), 0);
  assert.equal((await mine.moveTo("3.0.0")).body.version, "3.0.0");
  assert.equal(await mine.outcome("version"), "3.0.0");
});

/** A small generator that repeats itself for a seed (Tommy Ettinger, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
