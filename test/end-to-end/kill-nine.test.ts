/** What was acknowledged is there after the whole process group was killed, and the host comes up by itself. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { type TestContext } from "node:test";
import { createTestApi, type TestApi } from "../support/api.ts";
import { type HostProcess, startHostProcess } from "../support/process.ts";

const adminKey = "admin-key-for-tests-0123456789";

async function dataDirectory(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "plugboard-kill-"));
  t.after(async () => {
    const postmaster = await readFile(path.join(folder, "postgres", "postmaster.pid"), "utf8").catch(
      () => "",
    );
    const pid = Number(postmaster.split("\n")[0]);
    if (pid > 0) process.kill(pid, "SIGQUIT");
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

async function tenantNames(admin: TestApi): Promise<Set<string>> {
  const names = new Set<string>();
  let cursor: string | null = null;
  do {
    const { body } = await admin.get(`/api/v1/tenants?limit=100${cursor ? `&cursor=${cursor}` : ""}`);
    for (const { name } of body.items) names.add(name);
    cursor = body.nextCursor;
  } while (cursor);
  return names;
}

test("kill -9 during writes loses no acknowledged write", async (t) => {
  const env = { PLUGBOARD_DATA_DIR: await dataDirectory(t), PLUGBOARD_ADMIN_KEY: adminKey };
  const acknowledged = new Set<string>();
  let host: HostProcess = await startHostProcess(env);

  for (const round of [1, 2]) {
    const admin = createTestApi(host.address, adminKey);
    const enough = acknowledged.size + 100;
    const { promise: written, resolve: haveWritten } = Promise.withResolvers<void>();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let count = 0; ; count++) {
        const name = `round ${round} writer ${writer} tenant ${count}`;
        const answer = await admin.post("/api/v1/tenants", { name });
        assert.equal(answer.status, 201);
        acknowledged.add(name);
        if (acknowledged.size >= enough) haveWritten();
      }
    });
    const ended = Promise.allSettled(writers);
    await Promise.race([written, ended]);
    await host.killNine();
    await ended;
    assert.ok(acknowledged.size >= enough, "the writers were under way when the host was killed");

    host = await startHostProcess(env);
    const names = await tenantNames(createTestApi(host.address, adminKey));
    const lost = [...acknowledged].filter((name) => !names.has(name));
    assert.deepEqual(lost, [], `round ${round}`);
  }
  assert.equal(await host.stop(), 0);
});

test("two hosts on one data directory share its server", async (t) => {
  const env = {
    PLUGBOARD_DATA_DIR: await dataDirectory(t),
    PLUGBOARD_ADMIN_KEY: adminKey,
    PLUGBOARD_BUNDLED_PLUGINS: "true",
  };
  const [first, second] = await Promise.all([startHostProcess(env), startHostProcess(env)]);
  const [one, two] = [createTestApi(first.address, adminKey), createTestApi(second.address, adminKey)];
  const { body: tenant } = await one.post("/api/v1/tenants", { name: "Shared" });
  assert.ok((await tenantNames(two)).has("Shared"));

  const { body: key } = await two.post("/api/v1/api-keys", { name: "x", tenantId: tenant.id, scopes: ["*"] });
  const throughFirst = createTestApi(first.address, key.key);
  assert.equal((await throughFirst.get("/api/v1/installs")).status, 200);
  await two.delete(`/api/v1/api-keys/${key.id}?tenantId=${tenant.id}`);
  // The other host hears of it through PostgreSQL, a moment later.
  const until = Date.now() + 60_000;
  let status = 200;
  while (status === 200 && Date.now() < until) status = (await throughFirst.get("/api/v1/installs")).status;
  assert.equal(status, 401, "a key revoked on one host is refused by the other");

  assert.equal(await first.stop(), 0);
  assert.ok((await tenantNames(two)).has("Shared"), "the server stays while someone uses it");
  assert.equal(await second.stop(), 0);
});

test("a bad environment stops the start with one line", async () => {
  await assert.rejects(startHostProcess({ PORT: "http" }), /cannot start: PORT must be a port number/);
  await assert.rejects(
    startHostProcess({ PLUGBOARD_EGRESS_REWRITE: "{" }),
    /cannot start: PLUGBOARD_EGRESS_REWRITE must be a JSON object/,
  );
  await assert.rejects(
    startHostProcess({ DATABASE_URL: "postgres://nobody:x@127.0.0.1:1/none" }),
    (error: Error) => /cannot start: /.test(error.message) && !/\n\s+at /.test(error.message),
  );
});
