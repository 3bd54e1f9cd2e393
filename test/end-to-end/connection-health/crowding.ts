/** Many connections, of one tenant and of many. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import { createLogger } from "@plugboard/service-kit/observe";
import { sql } from "kysely";
import { claimDue } from "../../../core/kernel/connections/health/queries.ts";
import type { CoreDatabase } from "../../../core/tables.ts";
import type { Shop } from "./shop.ts";

export async function crowding(t: TestContext, shop: Shop): Promise<void> {
  const { vendor, host, db, install, create, lookedAt } = shop;

  await t.test("a tenant has as many connections as the operator allows, and no more", async () => {
    const many = await host.tenant();
    const manyInstall = await install(many);
    const token = "token-of-many-0123456789";
    const input = {
      installId: manyInstall,
      name: "x",
      config: { site: "main" },
      auth: { type: "bearer", token },
    };
    const made = await Promise.all(
      Array.from({ length: 43 }, () => many.api.post("/api/v1/connections", input)),
    );
    const refused = made.filter(({ status }) => status !== 201);
    assert.equal(refused.length, 3);
    for (const { status, body } of refused)
      assert.deepEqual([status, body.code, body.limit], [429, "connections-limit-exceeded", 40]);
    const clone = await many.api.post(
      `/api/v1/connections/${made.find(({ status }) => status === 201)?.body.id}/clone`,
      { name: "y" },
    );
    assert.equal(clone.body.code, "connections-limit-exceeded");
    const metrics = await host.anonymous.get("/metrics");
    assert.match(metrics.body, /limit_reached_total\{plugin="acme\/shop",limit="connectionsPerTenant"\} 4/);

    // All of them are due, and their vendor does not answer: the others have their turn all the same.
    const id = await create();
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
    vendor.held = { key: `Bearer ${token}`, until };
    const looks = () => vendor.keys.filter((key) => key === `Bearer ${token}`).length;
    const before = looks();
    await db.query(
      "update core.connection_health set next_check_at = now() - interval '1 hour' where tenant_id = $1",
      [many.id],
    );
    while (looks() === before) await new Promise(setImmediate);
    await lookedAt(id);
    assert.ok(looks() - before < 20, "of the many, few are looked at at a time");
    letGo();
  });

  await t.test("of very many that are due a few are read, of each tenant its oldest", async (t) => {
    const id = await create();
    const logger = createLogger({ name: "test", level: "silent" });
    const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
    t.after(() => database.close());
    const crowd = await host.tenant();
    await install(crowd);
    const undone = new Error("Nobody is to look at these.");
    const taking = database
      .kysely<CoreDatabase>("core")
      .transaction()
      .execute(async (tx) => {
        await sql`insert into core.connections select (jsonb_populate_record(one, jsonb_build_object(
            'id', 'con_' || i, 'tenant_id', ${crowd.id}::text, 'key_generation', null, 'sealed_credential', null,
            'install_id', (select id from core.installs where tenant_id = ${crowd.id})))).*
          from core.connections one, generate_series(1, 3000) i where one.id = ${id}`.execute(tx);
        await sql`insert into core.connection_health (connection_id, tenant_id, state, next_check_at)
          select id, tenant_id, 'unknown', now() - interval '1 day' - right(id, -4)::int * interval '1 second'
          from core.connections where tenant_id = ${crowd.id}`.execute(tx);
        await sql`update core.connection_health set next_check_at = now() where connection_id = ${id}`.execute(
          tx,
        );
        // As the planner has it by itself where there are very many.
        for (const way of ["seqscan", "bitmapscan", "hashjoin", "mergejoin"])
          await sql`set local ${sql.raw(`enable_${way}`)} = off`.execute(tx);
        const reads = async () => {
          const { rows } = await sql<{ reads: string }>`select seq_tup_read + idx_tup_fetch as reads
            from pg_stat_xact_user_tables where relid = 'core.connection_health'::regclass`.execute(tx);
          return Number(rows[0]?.reads);
        };
        const before = await reads();
        const taken = await claimDue(tx, { limit: 60, perTenant: 3, except: [], forMs: 60_000 });
        const read = (await reads()) - before;
        assert.ok(read < 500, `${read} rows were read`);
        const ofCrowd = taken.filter(({ tenant_id }) => tenant_id === crowd.id).map((one) => one.id);
        assert.deepEqual(ofCrowd.sort(), ["con_2998", "con_2999", "con_3000"]);
        assert.ok(taken.some((one) => one.id === id));
        throw undone;
      });
    await assert.rejects(taking, undone);
  });
}
