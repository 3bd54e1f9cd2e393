/** Keys are rotated while everything goes on; whatever is cut off, nothing is lost. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import test, { type TestContext } from "node:test";
import {
  type KeyManagement,
  loadMasterKey,
  localKeyManagement,
  open,
  seal,
  wrapKey,
} from "@plugboard/service-kit/crypto";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { startChanges } from "../../kernel/changes/index.ts";
import { createDataKeys } from "../../kernel/vault/data-keys.ts";
import { createReferenceKeys } from "../../kernel/vault/reference-key.ts";
import { createRotation } from "../../kernel/vault/rotation.ts";
import { createVault } from "../../kernel/vault/vault.ts";
import { coreMigrations } from "../../migrations/index.ts";
import type { CoreDatabase } from "../../tables.ts";

const logger = createLogger({ name: "rotation", level: "error" });
const schema = { migrated: [{ schema: "core", migrations: coreMigrations }] };
const [first = "", second = ""] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64"));
const never = new AbortController().signal;
const tenantId = "tnt_a";

test("keys are rotated without a moment in which a secret does not open", async (t) => {
  const database = await openTestDatabase(t, { maxConnections: 10, schema });
  const db = database.kysely<CoreDatabase>("core");
  const changes = await startChanges({ database, logger });
  t.after(() => changes.stop());

  async function hostWith(masterKey: string) {
    const master = await loadMasterKey({ masterKey, dataDir: "" });
    return { master, ...hostOver(localKeyManagement(master)) };
  }

  function hostOver(keys: KeyManagement) {
    const dataKeys = createDataKeys({ db, changes, keys });
    const vault = createVault({ dataKeys });
    const rotation = createRotation({ db, changes, keys, vault, spentAfterSeconds: 0 });
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
  const ids = Array.from({ length: 600 }, (_, i) => `con_${i}`);
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

  await t.test(
    "a process that is killed in the middle has lost nothing, and another one goes on",
    async () => {
      await before.rotation.rotate(tenantId);
      const child = spawn(
        process.execPath,
        [
          "--conditions=@plugboard/source",
          path.join(import.meta.dirname, "rotation.fixture.ts"),
          database.url,
          first,
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      await once(child.stdout, "data");
      for (let left = ids.length; left > ids.length - 100; ) left = (await before.rotation.state()).toReseal;
      child.kill("SIGKILL");
      await once(child, "exit");
      const { toReseal } = await before.rotation.state();
      assert.ok(toReseal > 0 && toReseal < ids.length, `${toReseal} were left, so it was the middle`);
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

  await t.test("all tenants can be given a new key", async () => {
    const host = await hostWith(second);
    const { rows } = await database.pool.query("select now() as now");
    assert.equal(await host.rotation.rotateAll(rows[0].now, never), 1);
    await host.rotation.goOn(never);
    assert.deepEqual(await allOpen(host), [4]);
  });

  await t.test("a key management service takes over from the master key", async (t) => {
    const service = await startKeyService(t);
    const local = localKeyManagement(await loadMasterKey({ masterKey: second, dataDir: "" }));
    const during = hostOver({
      ...service.keys,
      unwrap: (wrapped) =>
        wrapped.startsWith(service.keys.currentPrefix) ? service.keys.unwrap(wrapped) : local.unwrap(wrapped),
    });
    assert.deepEqual(await allOpen(during), [4]);
    await during.rotation.rotate(tenantId);
    await during.rotation.goOn(never);
    const { toRewrap, keyManagement } = await during.rotation.state();
    assert.deepEqual([toRewrap, keyManagement], [0, "a service of the tests"]);
    const after = hostOver(service.keys);
    assert.deepEqual(await allOpen(after), [5]);
    assert.deepEqual(await after.references.of(tenantId), reference);

    service.isDown = true;
    assert.deepEqual(await allOpen(after), [5], "what was unwrapped is in memory");
    const another = hostOver(service.keys);
    await assert.rejects(allOpen(another), /503/);
    service.isDown = false;
    assert.deepEqual(await allOpen(another), [5], "a failure is not remembered");
  });
});

/** Keeps its key to itself, and is asked over HTTP. */
async function startKeyService(t: Pick<TestContext, "after">) {
  const key = randomBytes(32);
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request);
    if (service.isDown) return void response.writeHead(503).end();
    response.end(request.url === "/wrap" ? seal(key, bytes, "data key") : open(key, bytes, "data key"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  async function ask(what: "wrap" | "unwrap", body: Buffer<ArrayBuffer>): Promise<Buffer> {
    const answer = await fetch(`http://127.0.0.1:${port}/${what}`, { method: "POST", body });
    if (!answer.ok) throw new Error(`the key service answered ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  }
  const prefix = "service:1:";
  const keys: KeyManagement = {
    kind: "a service of the tests",
    currentKeyId: "1",
    keyIds: ["1"],
    currentPrefix: prefix,
    wrap: async (dataKey) => prefix + (await ask("wrap", Buffer.from(dataKey))).toString("base64"),
    unwrap: (wrapped) => ask("unwrap", Buffer.from(wrapped.slice(prefix.length), "base64")),
  };
  const service = { keys, isDown: false };
  return service;
}
