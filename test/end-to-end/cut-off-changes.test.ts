/** A host that is killed in the middle of a change leaves registry and host apart: they meet again by themselves. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { after, before, beforeEach } from "node:test";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import pg from "pg";
import { createTestApi, type TestApi } from "../support/api.ts";
import { adminKey, connect, type TestTenant } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import { type HostProcess, startHostProcess } from "../support/process.ts";
import { hostSchema } from "../support/schema.ts";
import { sayVersion } from "../support/versions.ts";

const plugin = "acme/versions";
const hang = "log.info('the hook runs'); await new Promise(() => {});";
const storage = { storage: { maxBytes: 1_000, reason: "To remember." } };
const actions = (version: string) => ({
  ...sayVersion(version),
  get: { run: "return await storage.get('mine') ?? null;" },
  set: { run: "await storage.set('mine', input.value); return null;" },
});

interface Stage {
  host: HostProcess;
  /** Another tenant for each test, at whichever host is up. */
  tenant: TestTenant;
  database: pg.Client;
  /** Makes the tenant of a test. */
  enter(): Promise<void>;
  /** Kills the host when the plugin's hook has begun. */
  killInHook(change: () => Promise<unknown>): Promise<void>;
  /** Starts another host on the same data, where one is up after that has stopped in good order. */
  start(): Promise<void>;
  /** As if the time of the dead host's lease had passed. */
  letLeaseEnd(): Promise<void>;
  onRecord(): Promise<string[]>;
}

let stage: Stage;
const undo: (() => unknown)[] = [];
before(async () => {
  stage = await setUp();
});
// In this order afterwards: the host, the client, the database, the folder.
after(async () => {
  for (const step of undo.toReversed()) await step();
});

async function setUp(): Promise<Stage> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "plugboard-cut-off-"));
  undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const { url } = await openTestDatabase({ after: (step) => void undo.push(step) }, { schema: hostSchema });
  const env = {
    PLUGBOARD_DATA_DIR: dataDir,
    DATABASE_URL: url,
    PLUGBOARD_ADMIN_KEY: adminKey,
    LOG_LEVEL: "info",
    PLUGBOARD_ISOLATION: "thread",
  };
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  undo.push(() => database.end());
  const stage = { host: await startHostProcess(env), database } as Stage;
  undo.push(() => stage.host.stop());

  const publisher = await registerPublisher(stage.host.address, "acme");
  for (const [version, hooks] of [
    ["1.0.0", { uninstall: hang }],
    ["2.0.0", { upgrade: hang }],
    ["3.0.0", { upgrade: "log.info('quick');" }],
    ["4.0.0", { install: hang }],
  ] as const) {
    const release = { id: plugin, version, actions: actions(version), permissions: storage, hooks };
    await publishTestPlugin(stage.host.address, publisher, release);
  }
  stage.enter = async () => {
    const admin = createTestApi(stage.host.address, adminKey);
    const { id } = (await admin.post("/api/v1/tenants", { name: "A tenant" })).body;
    const wanted = { name: "tests", tenantId: id, scopes: ["*"] };
    const { key } = (await admin.post("/api/v1/api-keys", wanted)).body;
    stage.tenant = { id, key, api: createTestApi(stage.host.address, key) };
  };
  stage.start = async () => {
    await stage.host.stop();
    stage.host = await startHostProcess(env);
    stage.tenant.api = createTestApi(stage.host.address, stage.tenant.key);
  };
  stage.killInHook = async (change) => {
    const { host } = stage;
    const changing = change().then(
      () => assert.fail("the change was answered"),
      () => {},
    );
    while (!host.output().includes("the hook runs")) await stage.tenant.api.get("/api/v1/installs");
    await host.killNine();
    await changing;
    // However long the next one takes to start: when the lease ends is for the test to say.
    await database.query("update core.install_changes set expires_at = expires_at + interval '1 hour'");
  };
  stage.letLeaseEnd = async () => {
    await database.query("update core.install_changes set expires_at = now()");
  };
  stage.onRecord = async () => {
    const { rows } = await database.query(
      "select version from registry.installs where status = 'active' and tenant_id = $1",
      [stage.tenant.id],
    );
    return rows.map(({ version }) => version);
  };
  return stage;
}

/** Runs an action, of whichever host is up. */
async function outcome(api: TestApi, connectionId: string, action: string, input: object = {}) {
  const { status, body } = await api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input });
  return status === 200 ? body.output : body.code;
}

beforeEach(() => stage.enter());

test("an upgrade that was cut off is none", { timeout: 170_000 }, async () => {
  const { installId, connectionId } = await connect(stage.tenant, plugin, { range: "1.0.0" });
  const run = (action: string, input?: object) => outcome(stage.tenant.api, connectionId, action, input);
  const upgrade = (range: string) => stage.tenant.api.patch(`/api/v1/installs/${installId}`, { range });
  await run("set", { value: 7 });

  await stage.killInHook(() => upgrade("2.0.0"));
  assert.deepEqual(await stage.onRecord(), ["2.0.0"], "it was cut off between the two");
  await stage.start();
  assert.equal(await run("version"), "1.0.0");
  assert.equal(await run("get"), 7);
  assert.equal((await upgrade("3.0.0")).body.code, "install-changing", "the dead host's lease still counts");

  await stage.letLeaseEnd();
  const answer = await upgrade("3.0.0");
  assert.equal(answer.body.version, "3.0.0", JSON.stringify(answer.body));
  assert.deepEqual(await stage.onRecord(), ["3.0.0"]);
  assert.equal(await run("version"), "3.0.0");
  assert.equal(await run("get"), 7);
  const history = (await stage.tenant.api.get(`/api/v1/installs/${installId}/history`)).body.items;
  assert.deepEqual(
    history.map(({ from, version }: Record<string, string>) => [from, version]),
    [
      [null, "1.0.0"],
      ["1.0.0", "3.0.0"],
    ],
  );
});

test("what was cut off is mended by the next start, without anybody's doing", {
  timeout: 170_000,
}, async () => {
  const request = { plugin, range: "4.0.0" };
  const { consent } = (await stage.tenant.api.post("/api/v1/installs", request)).body;

  await stage.killInHook(() => stage.tenant.api.post("/api/v1/installs", { ...request, consent }));
  assert.deepEqual(await stage.onRecord(), ["4.0.0"]);
  await stage.letLeaseEnd();
  await stage.start();
  assert.deepEqual((await stage.tenant.api.get("/api/v1/installs")).body.items, []);
  while ((await stage.onRecord()).length > 0) await stage.tenant.api.get("/api/v1/installs");
  const again = await stage.tenant.api.post("/api/v1/installs", { ...request, range: "1.0.0", consent });
  assert.equal(again.status, 201, JSON.stringify(again.body));
});

test("an uninstall that was cut off before the registry knew of it is none", {
  timeout: 170_000,
}, async () => {
  const { installId, connectionId } = await connect(stage.tenant, plugin, { range: "1.0.0" });
  await stage.tenant.api.delete(`/api/v1/connections/${connectionId}`);
  const uninstall = (query = "") => stage.tenant.api.delete(`/api/v1/installs/${installId}${query}`);

  await stage.killInHook(() => uninstall());
  await stage.start();
  const auth = { type: "apiKey", key: "some-key-0123456789" };
  const request = { installId, name: "x", auth };
  const during = await stage.tenant.api.post("/api/v1/connections", request);
  assert.equal(during.body.code, "install-changing", JSON.stringify(during.body));
  await stage.letLeaseEnd();
  await stage.start();
  while ((await stage.tenant.api.post("/api/v1/connections", request)).status !== 201);
  assert.deepEqual(await stage.onRecord(), ["1.0.0"]);
});

test("an uninstall that the registry knows of is finished", { timeout: 170_000 }, async () => {
  const { installId, connectionId } = await connect(stage.tenant, plugin, { range: "1.0.0" });
  await stage.tenant.api.delete(`/api/v1/connections/${connectionId}`);
  await stage.killInHook(() => stage.tenant.api.delete(`/api/v1/installs/${installId}`));
  await stage.database.query("update registry.installs set status = 'uninstalled' where id = $1", [
    installId,
  ]);
  await stage.letLeaseEnd();
  await stage.start();
  while ((await stage.tenant.api.get(`/api/v1/installs/${installId}`)).status !== 404);
  assert.equal((await stage.tenant.api.post("/api/v1/installs", { plugin, range: "1.0.0" })).status, 409);
});
