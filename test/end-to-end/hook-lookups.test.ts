/** Who listens is looked up once, for one tenant at a time, from what is signed. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import test, { type TestContext } from "node:test";
import pg from "pg";
import { createTestApi } from "../support/api.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher, type TestHook } from "../support/plugin.ts";

/** A tenant that has `acme/shop`, whose one action answers its input. */
async function start(t: TestContext) {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  const order = { run: "return input;" };
  await publishTestPlugin(host.address, publisher, { id: "acme/shop", actions: { order } });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/shop");
  return {
    host,
    /** Publishes and installs a plugin that has these hooks and nothing else. */
    async add(name: string, hooks: Record<string, TestHook>) {
      const id = `acme/${name}`;
      const names = Object.keys(hooks);
      const permissions = names.length > 0 ? { hooks: { names, reason: "Look after orders" } } : {};
      await publishTestPlugin(host.address, publisher, { id, hooks, permissions: permissions as never });
      return connect(tenant, id);
    },
    async run(address = host.address): Promise<unknown> {
      const api = createTestApi(address, tenant.key);
      const input = { trail: [] };
      return (await api.post(`/api/v1/connections/${connectionId}/actions/order`, { input })).body.output;
    },
  };
}

const adds = (word: string) => `return { ...input.value, trail: [...input.value.trail, "${word}"] };`;

test("what a tenant changes makes no other tenant's hooks be looked up again", async (t) => {
  const { add, run, host } = await start(t);
  const { installId } = await add("first", { "action.beforeRun": adds("first") });
  await run();
  const database = new pg.Client({ connectionString: host.databaseUrl });
  await database.connect();
  // Nobody is told of it, so it shows when somebody looks.
  await database.query("update core.installs set status = 'disabled' where id = $1", [installId]);
  const stranger = await host.tenant();
  const theirs = await connect(stranger, "acme/first");
  for (const status of ["disabled", "active", "disabled", "active"])
    await stranger.api.patch(`/api/v1/installs/${theirs.installId}`, { status });
  assert.deepEqual(await run(), { trail: ["first"] });
  await database.end();
});

test("a tenant's first call loads no release to learn that it has no hooks, and believes no row that says so", async (t) => {
  const { add, run, host } = await start(t);
  await add("listens", { "action.beforeRun": adds("heard") });
  await add("plain", {});
  await add("forged", { "action.beforeRun": { order: "late", run: adds("not hidden") } });
  const database = new pg.Client({ connectionString: host.databaseUrl });
  await database.connect();
  const { rows } = await database.query(
    "select tarball_sha512 from core.installs where plugin = 'acme/plain'",
  );
  const tarball = path.join(host.dataDir, "releases", `${rows[0].tarball_sha512}.tgz`);
  await writeFile(tarball, "damaged");
  // Whoever can write rows may not hide a hook thereby: what the row says is not what was agreed to.
  await database.query(
    "update core.installs set permissions = (permissions::jsonb - 'hooks')::json where plugin = 'acme/forged'",
  );
  await database.end();
  const address = await host.restart();
  assert.deepEqual(await run(address), { trail: ["heard", "not hidden"] });
  assert.equal(
    await readFile(tarball, "utf8"),
    "damaged",
    "nobody looked at it, or it would have been fetched again",
  );
});
