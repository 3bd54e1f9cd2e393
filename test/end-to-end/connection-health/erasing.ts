/** A tenant is given up, with all that it entrusted to the host. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { loadMasterKey, open, unwrapKey } from "@plugboard/service-kit/crypto";
import { createJobs } from "@plugboard/service-kit/jobs";
import { createLogger } from "@plugboard/service-kit/observe";
import { upkeepQueue } from "../../../core/kernel/upkeep/index.ts";
import { untilSomebodyWaits } from "../../support/locks.ts";
import { publishTestPlugin } from "../../support/plugin.ts";
import { masterKey, type Shop } from "./shop.ts";

export async function erasing(t: TestContext, shop: Shop): Promise<void> {
  const { host, db, publisher, tenant, install, create, tryNow } = shop;

  await t.test("nothing is made for a tenant that is being erased, not even in the last moment", async () => {
    const leaving = await host.tenant();
    const leavingInstall = await install(leaving);
    const plugin = "acme/empty";
    await publishTestPlugin(host.address, publisher, { id: plugin });
    const { consent } = (await leaving.api.post("/api/v1/installs", { plugin })).body;
    const auth = { type: "bearer", token: "token-0123456789" };
    const early = { installId: leavingInstall, name: "early", config: { site: "main" }, auth };
    const { id: earlier } = (await leaving.api.post("/api/v1/connections", early)).body;
    await db.query("begin");
    await db.query("update core.tenants set erasing_since = now() where id = $1", [leaving.id]);
    const connection = {
      format: "plugboard-connection-1",
      plugin: "acme/shop",
      name: "x",
      config: { site: "main" },
    };
    const making = [
      host.admin.post("/api/v1/api-keys", { name: "late", tenantId: leaving.id, scopes: ["*"] }),
      leaving.api.post("/api/v1/api-keys", { name: "late", scopes: ["*"] }),
      leaving.api.post("/api/v1/connections", { ...early, name: "late" }),
      leaving.api.send("PATCH", `/api/v1/connections/${earlier}`, {
        headers: { "content-type": "application/json" },
        body: '{"status":"active"}',
      }),
      leaving.api.post("/api/v1/connections/import", {
        connection: { ...connection, auth: { type: "basic" } },
      }),
      leaving.api.post("/api/v1/installs", { plugin, consent }),
    ];
    await untilSomebodyWaits(db, making.length);
    await db.query("commit");
    for (const { status, body } of await Promise.all(making))
      assert.deepEqual([status, body.code], [404, "tenant-not-found"]);

    // As it is left when the job of its erasure is lost.
    const jobs = createJobs({
      database: { url: host.databaseUrl } as Parameters<typeof createJobs>[0]["database"],
      logger: createLogger({ name: "test", level: "error" }),
    });
    const upkeep = jobs.define(upkeepQueue, { policy: "exclusive", retryLimit: 0, deadLetter: false });
    await jobs.start();
    await jobs.send(upkeep, {});
    for (let status = 200; status !== 404; )
      ({ status } = await host.admin.get(`/api/v1/tenants/${leaving.id}`));
    await jobs.stop(0);
  });

  await t.test("an erased tenant leaves nothing, and its sealed secrets open nowhere", async () => {
    const kept = await create();
    const gone = await host.tenant();
    const goneInstall = await install(gone);
    const made = await gone.api.post("/api/v1/connections", {
      installId: goneInstall,
      name: "Gone",
      config: { site: "main" },
      auth: { type: "bearer", token: "the-secret-0123456789" },
    });
    await gone.api.post("/api/v1/connections/import", {
      connection: {
        format: "plugboard-connection-1",
        plugin: "acme/shop",
        name: "x",
        config: { site: "main" },
        auth: { type: "basic" },
      },
    });
    const { rows: backup } = await db.query("select sealed_credential from core.connections where id = $1", [
      made.body.id,
    ]);
    await db.query(`
      create function jobs.refuse() returns trigger language plpgsql as $$ begin raise 'full'; end $$;
      create trigger refuse before insert on jobs.job for each row
        when (new.name = 'core.erasures') execute function jobs.refuse()`);
    assert.equal((await host.admin.delete(`/api/v1/tenants/${gone.id}`)).status, 500);
    assert.equal((await gone.api.get("/api/v1/connections")).status, 200, "begun whole, or not at all");
    await db.query("drop function jobs.refuse cascade");
    const erased = await host.admin.delete(`/api/v1/tenants/${gone.id}`);
    assert.equal(erased.status, 202);
    assert.equal((await gone.api.get("/api/v1/connections")).status, 401, "its keys are gone at once");
    for (let status = 200; status !== 404; )
      ({ status } = await host.admin.get(`/api/v1/tenants/${gone.id}`));

    const { rows: tables } = await db.query(
      "select table_name as name from information_schema.columns where table_schema = 'core' and column_name = 'tenant_id'",
    );
    assert.ok(tables.length > 15);
    for (const { name } of tables) {
      const { rows } = await db.query(
        `select count(*)::int as count from core.${name} where tenant_id = $1`,
        [gone.id],
      );
      assert.equal(rows[0].count, 0, name);
    }
    const { rows: left } = await db.query("select status from registry.installs where id = $1", [
      goneInstall,
    ]);
    assert.equal(left[0].status, "uninstalled");

    const master = await loadMasterKey({ masterKey, dataDir: "" });
    const { rows: keys } = await db.query("select wrapped_key from core.data_keys");
    assert.ok(keys.length > 0);
    for (const { wrapped_key } of keys) {
      const bound = `credential:${gone.id}:${made.body.id}`;
      assert.throws(
        () => open(unwrapKey(master, wrapped_key), backup[0].sealed_credential, bound),
        /does not open/,
      );
    }
    assert.equal((await host.admin.delete(`/api/v1/tenants/${gone.id}`)).body.code, "tenant-not-found");
    assert.equal((await tryNow(kept)).body.outcome, "ok", "others go on");
    const refused = await tenant.api.delete(`/api/v1/tenants/${tenant.id}`);
    assert.equal(refused.status, 403, "a tenant cannot do this");
  });
}
