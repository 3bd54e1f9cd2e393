/** Keys are rotated while everything goes on; whatever is cut off, nothing is lost. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import test from "node:test";
import {
  type KeyManagement,
  loadMasterKey,
  localKeyManagement,
  movingKeyManagement,
  open,
  seal,
  wrapKey,
} from "@plugboard/service-kit/crypto";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import pg from "pg";
import { startKeyService } from "../../../service-kit/test/crypto/key-service.ts";
import { untilSomebodyWaits } from "../../../test/support/locks.ts";
import { startChanges } from "../../kernel/changes/index.ts";
import { createDataKeys, makeFirstDataKey } from "../../kernel/vault/data-keys.ts";
import { createReferenceKeys } from "../../kernel/vault/reference-key.ts";
import { createRotation } from "../../kernel/vault/rotation.ts";
import { createVault } from "../../kernel/vault/vault.ts";
import { coreMigrations } from "../../migrations/index.ts";
import type { CoreDatabase } from "../../tables.ts";

const logger = createLogger({ name: "rotation", level: "error" });
const schema = { migrated: [{ schema: "core", migrations: coreMigrations }] };
const [first = "", second = "", third = ""] = Array.from({ length: 3 }, () =>
  randomBytes(32).toString("base64"),
);
const never = new AbortController().signal;
const tenantId = "tnt_a";
const ownerOf = (tenantId: string, id = "con_1") => ({ tenantId, kind: "credential", id }) as const;

test("keys are rotated without a moment in which a secret does not open", async (t) => {
  const database = await openTestDatabase(t, { maxConnections: 10, schema });
  const db = database.kysely<CoreDatabase>("core");
  const changes = await startChanges({ database, logger });
  t.after(() => changes.stop());

  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  holder.on("error", () => {}); // the database goes before it where a test fails

  async function hostWith(masterKey: string, spentAfterSeconds = 0) {
    const master = await loadMasterKey({ masterKey, dataDir: "" });
    return { master, ...hostOver(localKeyManagement(master), spentAfterSeconds) };
  }

  function hostOver(keys: KeyManagement, spentAfterSeconds = 0) {
    const dataKeys = createDataKeys({ db, changes, keys });
    const vault = createVault({ dataKeys });
    const rotation = createRotation({ db, changes, keys, vault, spentAfterSeconds });
    return { vault, rotation, references: createReferenceKeys({ db, keys }) };
  }

  const before = await hostWith(first);
  // As a tenant of before rotation could come: without a reference key of its own.
  await db.insertInto("tenants").values({ id: tenantId, name: "A" }).execute();
  const dataKey = randomBytes(32);
  const wrapped_key = wrapKey(before.master, dataKey);
  await db.insertInto("data_keys").values({ tenant_id: tenantId, generation: 1, wrapped_key }).execute();
  const facts = { version: "1.0.0", status: "active", tarball_sha512: "", consent: "", receipt: "" } as const;
  await db
    .insertInto("installs")
    .values({ ...facts, id: "ins_a", tenant_id: tenantId, plugin: "acme/a" })
    .execute();
  const ids = Array.from({ length: 300 }, (_, i) => `con_${i}`);
  await db
    .insertInto("connections")
    .values(
      ids.map((id) => ({
        id,
        tenant_id: tenantId,
        install_id: "ins_a",
        name: id,
        config: "{}",
        auth_type: "bearer",
        // As it was sealed before there were generations.
        sealed_credential: seal(dataKey, `secret of ${id}`, `credential:${tenantId}:${id}`),
        key_generation: 1,
        status: "active" as const,
      })),
    )
    .execute();

  async function allOpen({ vault }: Pick<ReturnType<typeof hostOver>, "vault">): Promise<number[]> {
    const rows = await db.selectFrom("connections").selectAll().execute();
    assert.equal(rows.length, ids.length);
    const generations = new Set<number>();
    for (const { id, sealed_credential: bytes, key_generation: generation } of rows) {
      assert.ok(bytes && generation !== null);
      const text = await vault.open({ tenantId, kind: "credential", id }, { bytes, generation });
      assert.equal(text, `secret of ${id}`);
      generations.add(generation);
    }
    return [...generations].toSorted();
  }

  const reference = await before.references.of(tenantId);

  /** In a process of its own, until it is about to write this row; killed there. */
  async function killedAt(table: string, column: string, value: string, masterKey: string): Promise<void> {
    await holder.query(`
      create function core.hold() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(7); return new; end $$;
      create trigger hold before update on core.${table} for each row
        when (new.${column} = '${value}') execute function core.hold();
      select pg_advisory_lock(7)`);
    const fixture = path.join(import.meta.dirname, "rotation.fixture.ts");
    const child = spawn(
      process.execPath,
      ["--conditions=@plugboard/source", fixture, database.url, masterKey],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    await untilSomebodyWaits(holder);
    child.kill("SIGKILL");
    await once(child, "exit");
    await holder.query("select pg_advisory_unlock(7); drop function core.hold cascade");
  }

  await t.test(
    "a process that is killed in the middle has lost nothing, and another one goes on",
    async () => {
      await before.rotation.rotate(tenantId);
      await killedAt("connections", "id", "con_150", first);
      const { toReseal } = await before.rotation.state();
      assert.ok(toReseal >= 150 && toReseal < ids.length, `${toReseal} are left`);
      assert.deepEqual(await allOpen(before), [1, 2]);
      await before.rotation.goOn(never);
      assert.deepEqual(await allOpen(before), [2]);
    },
  );

  await t.test("the old key is gone then, and what was sealed under it opens nowhere", async () => {
    const keys = await db.selectFrom("data_keys").select("generation").execute();
    assert.deepEqual(keys, [{ generation: 2 }]);
    const copy = seal(dataKey, "secret", `credential:${tenantId}:con_1`);
    const owner = { tenantId, kind: "credential", id: "con_1" } as const;
    await assert.rejects(before.vault.open(owner, { bytes: copy, generation: 1 }), /is gone/);
    await assert.rejects(before.vault.open(owner, { bytes: copy, generation: 2 }), /does not open/);
    assert.equal(open(dataKey, copy, `credential:${tenantId}:con_1`).toString(), "secret");
  });

  await t.test("the names that the tenant is known by stay", async () => {
    assert.deepEqual(await before.references.of(tenantId), reference);
  });

  await t.test("a host that has not heard of the new key still writes what can be opened", async () => {
    const { bytes, generation } = await before.vault.seal(
      { tenantId, kind: "credential", id: "con_1" },
      "secret of con_1",
    );
    await before.rotation.rotate(tenantId);
    await db
      .updateTable("connections")
      .set({ sealed_credential: bytes, key_generation: generation })
      .where("id", "=", "con_1")
      .execute();
    await before.rotation.goOn(never);
    assert.deepEqual(await allOpen(before), [3]);
    const late = db
      .updateTable("connections")
      .set({ sealed_credential: bytes, key_generation: generation })
      .where("id", "=", "con_1")
      .execute();
    await assert.rejects(late, /foreign key/, "after the old key is gone, the database refuses it");
  });

  await t.test("a new master key takes over, and the old one can go", async () => {
    const during = await hostWith(`${second},${first}`);
    assert.deepEqual(await allOpen(during), [3]);
    assert.ok((await during.rotation.state()).toRewrap > 0);
    await during.rotation.goOn(never);
    assert.equal((await during.rotation.state()).toRewrap, 0);
    const after = await hostWith(second);
    assert.deepEqual(await allOpen(after), [3]);
    assert.deepEqual(await after.references.of(tenantId), reference);
    await assert.rejects(allOpen(await hostWith(first)), /master key/);
  });

  await t.test("one that is killed while it takes over has lost nothing either", async () => {
    const others = Array.from({ length: 120 }, (_, i) => `tnt_other_${i}`);
    const host = await hostWith(second);
    await db
      .insertInto("tenants")
      .values(others.map((id) => ({ id, name: id })))
      .execute();
    for (const id of others) await makeFirstDataKey(db, localKeyManagement(host.master), id);
    const sealed = await Promise.all(others.map((id) => host.vault.seal(ownerOf(id), `secret of ${id}`)));
    await killedAt("data_keys", "tenant_id", "tnt_other_80", `${third},${second}`);
    const during = await hostWith(`${third},${second}`);
    const { toRewrap } = await during.rotation.state();
    assert.ok(toRewrap > 0 && toRewrap < others.length + 2, `${toRewrap} are left`);
    for (const [i, id] of others.entries()) {
      const text = await during.vault.open(ownerOf(id), sealed[i] ?? assert.fail());
      assert.equal(text, `secret of ${id}`);
    }
    await during.rotation.goOn(never);
    assert.equal((await during.rotation.state()).toRewrap, 0);
    const after = await hostWith(third);
    assert.equal(
      await after.vault.open(ownerOf("tnt_other_80"), sealed[80] ?? assert.fail()),
      "secret of tnt_other_80",
    );
    await db.deleteFrom("tenants").where("id", "in", others).execute();
  });

  await t.test("whoever reads and writes while both kinds of keys are rotated notices nothing", async () => {
    const keys = [`${third},${second}`, `${second},${third}`];
    const hosts = await Promise.all(keys.map((masterKey) => hostWith(masterKey, 60)));
    let isOver = false;
    const counts = { read: 0, written: 0 };
    const readers = hosts.map(async ({ vault }, which) => {
      for (let i = 0; !isOver; i++) {
        const id = ids[(i * 7 + which) % ids.length] ?? "";
        const row = await db
          .selectFrom("connections")
          .select(["sealed_credential", "key_generation"])
          .where("id", "=", id)
          .executeTakeFirstOrThrow();
        const sealed = { bytes: row.sealed_credential ?? assert.fail(), generation: row.key_generation ?? 0 };
        assert.equal(await vault.open(ownerOf(tenantId, id), sealed), `secret of ${id}`);
        counts.read++;
      }
    });
    const writers = hosts.map(async ({ vault }, which) => {
      for (let i = 0; !isOver; i++) {
        const id = ids[(i * 11 + which) % ids.length] ?? "";
        const { bytes, generation } = await vault.seal(ownerOf(tenantId, id), `secret of ${id}`);
        const changed = { sealed_credential: bytes, key_generation: generation };
        await db.updateTable("connections").set(changed).where("id", "=", id).execute();
        counts.written++;
      }
    });
    for (const { rotation } of hosts) {
      const before = { ...counts };
      await rotation.rotate(tenantId);
      await rotation.goOn(never);
      // Both went on: what is tried here is tried.
      while (counts.read === before.read || counts.written === before.written)
        await new Promise((resolve) => setTimeout(resolve, 1));
    }
    isOver = true;
    await Promise.all([...readers, ...writers]);
    const host = await hostWith(`${third},${second}`);
    await host.rotation.goOn(never);
    assert.deepEqual((await allOpen(host)).length, 1);
    assert.equal((await host.rotation.state()).toRewrap, 0);
  });

  await t.test("all tenants can be given a new key", async () => {
    const host = await hostWith(third);
    const [generation = 0] = await allOpen(host);
    const { rows } = await database.pool.query("select now() as now");
    assert.equal(await host.rotation.rotateAll(rows[0].now, never), 1);
    await host.rotation.goOn(never);
    assert.deepEqual(await allOpen(host), [generation + 1]);
  });

  await t.test("a key management service takes over from the master key", async (t) => {
    const service = await startKeyService(t);
    const local = localKeyManagement(await loadMasterKey({ masterKey: third, dataDir: "" }));
    const during = hostOver(movingKeyManagement(service.keys, local));
    const [generation = 0] = await allOpen(during);
    await during.rotation.rotate(tenantId);
    await during.rotation.goOn(never);
    const { toRewrap, keyManagement } = await during.rotation.state();
    assert.deepEqual([toRewrap, keyManagement], [0, "a service of the tests"]);
    const after = hostOver(service.keys);
    assert.deepEqual(await allOpen(after), [generation + 1]);
    assert.deepEqual(await after.references.of(tenantId), reference);

    service.isDown = true;
    assert.deepEqual(await allOpen(after), [generation + 1], "what was unwrapped is in memory");
    const another = hostOver(service.keys);
    await assert.rejects(allOpen(another), /503/);
    service.isDown = false;
    assert.deepEqual(await allOpen(another), [generation + 1], "a failure is not remembered");
  });
  await holder.end();
});
