/** What the plugins of a tenant keep in files: each install its own, and so many of them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test, { type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { SendTransfer } from "@plugboard/plugin-sdk/exchange";
import type { Payload } from "@plugboard/sandbox";
import {
  CapabilityError,
  createDatabaseShare,
  createFiles,
  createPluginFiles,
  defaultDatabaseShareLimits,
  defaultFileLimits,
  defaultHostFileLimits,
  pruneFiles,
} from "../../kernel/capabilities/index.ts";
import { createVault } from "../../kernel/vault/vault.ts";
import { openCoreDatabase } from "../storage/harness.ts";

test("plugins make files", async (t) => {
  const { db, install, untilWaiting } = await openCoreDatabase(t);
  const key = randomBytes(32);
  const vault = createVault({
    dataKeys: { current: async () => ({ generation: 1, key }), at: async () => key },
  });
  const files = createFiles({ db, vault });
  async function newInstall(tenantId?: string) {
    const made = await install(tenantId);
    const dataKey = { tenant_id: made.tenantId, generation: 1, wrapped_key: "" };
    await db
      .insertInto("data_keys")
      .values(dataKey)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return made;
  }
  const about = { name: null, contentType: "text/plain" };

  await t.test("the plugin of an install has so many files, and so much in them", async () => {
    const owner = await newInstall();
    const limits = { ...defaultFileLimits, files: 2, fileStorageBytes: 300_000 };
    const one = await files.begin(owner, about, { limits });
    await one.write(Buffer.alloc(200_000));
    await one.finish();
    const two = await files.begin(owner, about, { limits });
    await assert.rejects(files.begin(owner, about, { limits }), {
      code: "files-limit-exceeded",
      reached: "files",
    });
    await two.write(Buffer.alloc(100_001));
    await assert.rejects(two.finish(), { code: "files-limit-exceeded", reached: "fileStorageBytes" });
    await two.discard();
    const sister = await newInstall(owner.tenantId);
    const hers = await files.begin(sister, about, { limits });
    await hers.write(Buffer.alloc(300_000));
    assert.equal((await hers.finish()).size, 300_000);
    assert.equal(await files.find(sister, one.id), undefined);
    assert.equal(await files.remove(sister, one.id), false);
    assert.equal((await files.find(owner, one.id))?.size, 200_000);
  });

  await t.test("the files of an install go with it, and count no more", async () => {
    const owner = await newInstall();
    const file = await files.begin(owner, about, { limits: defaultFileLimits });
    await file.write(Buffer.alloc(1_000));
    await file.finish();
    await db.deleteFrom("installs").where("id", "=", owner.installId).execute();
    const left = await db
      .selectFrom("file_usage")
      .select(["bytes", "files"])
      .where("tenant_id", "=", owner.tenantId)
      .execute();
    for (const usage of left) assert.deepEqual(usage, { bytes: 0, files: 0 });
    await assert.rejects(files.begin(owner, about, { limits: defaultFileLimits }), { code: "file-aborted" });
  });

  await t.test("old files of one tenant go while those of another are held", async () => {
    const owners = [await newInstall(), await newInstall()];
    const [first, second] = owners.map(({ tenantId }) => tenantId);
    const young: string[] = [];
    for (const owner of owners) {
      for (const fileMs of [-1, -1, defaultFileLimits.fileMs]) {
        const file = await files.begin(owner, about, { limits: { ...defaultFileLimits, fileMs } });
        await file.finish();
        if (fileMs > 0) young.push(file.id);
      }
    }
    const [ofFirst, ofSecond] = young;
    // As another host does it that has these tenants in the other order.
    const { pruning } = await db.transaction().execute(async (tx) => {
      await tx.deleteFrom("files").where("id", "=", String(ofSecond)).execute();
      const pruning = pruneFiles(db, new AbortController().signal);
      await untilWaiting(1);
      await tx.deleteFrom("files").where("id", "=", String(ofFirst)).execute();
      return { pruning };
    });
    assert.equal(await pruning, 4);
    const left = db.selectFrom("files").where("tenant_id", "in", [String(first), String(second)]);
    assert.deepEqual(await left.selectAll().execute(), []);
  });

  await t.test("a plugin keeps neither its tenant nor the host from moving other files", async () => {
    const files = createFiles({
      db,
      vault,
      limits: { ...defaultHostFileLimits, fileTransfersPerTenant: 4, hostFileTransfers: 8 },
    });
    const share = createDatabaseShare({ limits: defaultDatabaseShareLimits, connections: 10 });
    const plugins = createPluginFiles({ files, share });
    const limits = { ...defaultFileLimits, fileTransfersPerInstall: 3, fileTransfersPerPlugin: 5 };
    const writes = async (plugin: string, owner: Awaited<ReturnType<typeof newInstall>>) => {
      const { functions, close } = plugins.open({ ...owner, plugin, handed: [], limits });
      const context = { callId: "call_1", signal: new AbortController().signal };
      return { create: async () => functions["files.create"]?.([{}], context), close };
    };
    const [one, other] = [await newInstall(), await newInstall()];
    const evil = await writes("acme/evil", one);
    const same = await writes("acme/evil", other);
    for (let i = 0; i < 3; i++) await evil.create();
    await assert.rejects(evil.create(), {
      code: "files-busy",
      reached: "fileTransfersPerInstall",
    });
    files.transfers.begin(one.tenantId)();
    for (let i = 0; i < 2; i++) await same.create();
    await assert.rejects(same.create(), {
      code: "files-busy",
      reached: "fileTransfersPerPlugin",
    });
    const good = await writes("acme/good", await newInstall(other.tenantId));
    await good.create();
    for (const call of [evil, same, good]) await call.close?.();
    const ends = Array.from({ length: 4 }, () => files.transfers.begin(one.tenantId));
    for (const end of ends) end();
  });

  /** `files.fetch` of a plugin whose tenant may have one file on its way; `send` is the vendor's side of it. */
  async function fetcher(t: TestContext, send: SendTransfer) {
    const files = createFiles({ db, vault, limits: { ...defaultHostFileLimits, fileTransfersPerTenant: 1 } });
    const share = createDatabaseShare({ limits: defaultDatabaseShareLimits, connections: 10 });
    const owner = await newInstall();
    const call = { ...owner, plugin: "acme/exports", handed: [], limits: defaultFileLimits, send };
    const { functions, close } = createPluginFiles({ files, share }).open(call);
    t.after(close);
    const context = { callId: "call_1", signal: new AbortController().signal };
    const fetch = async (init: { [name: string]: Payload } = {}) =>
      functions["files.fetch"]?.(["https://api.vendor.test/", { into: {}, ...init }], context);
    const create = async () => functions["files.create"]?.([{}], context);
    return { files, owner, fetch, create };
  }

  await t.test("a reply that breaks off while its file is being begun takes nobody's place", async (t) => {
    const cut = new CapabilityError("fetch-failed", "The vendor broke off.");
    const { files, owner, fetch } = await fetcher(t, async (_, { into }) => {
      into?.begin({ headers: [] }).catch(() => {});
      into?.begin({ headers: [] }).catch(() => {});
      throw cut;
    });
    for (let i = 0; i < 3; i++) await assert.rejects(fetch(), cut);
    files.transfers.begin(owner.tenantId)();
    const left = await db.selectFrom("files").where("tenant_id", "=", owner.tenantId).selectAll().execute();
    assert.deepEqual(left, []);
  });

  await t.test(
    "what was on its way of a reply that broke off does not get into the next one's file",
    async (t) => {
      const { files, owner, fetch } = await fetcher(t, async (_, { into }) => {
        const late = await into?.begin({ headers: [] });
        const write = await into?.begin({ headers: [] });
        await late?.(Buffer.from("half of it, "));
        await write?.(Buffer.from("the whole"));
        return { status: 200, statusText: "OK", url: "", headers: [], body: new Uint8Array(0) };
      });
      await fetch();
      const [file] = await files.list(owner.tenantId, { limit: 1, after: undefined });
      assert.equal(file?.size, "the whole".length);
    },
  );

  await t.test(
    "the place of a reply that is still to come is nobody else's, also while it is tried again",
    async (t) => {
      const busy = { code: "files-busy", reached: "fileTransfersPerTenant" };
      const { fetch, create } = await fetcher(t, async (_, { into }) => {
        await assert.rejects(create(), busy);
        await into?.begin({ headers: [] });
        let hasBegun = false;
        const again = into?.begin({ headers: [] }).finally(() => {
          hasBegun = true;
        });
        while (!hasBegun) {
          await assert.rejects(create(), busy);
          await setImmediate();
        }
        await (await again)?.(Buffer.from("the whole"));
        return { status: 200, statusText: "OK", url: "", headers: [], body: new Uint8Array(0) };
      });
      const { file } = (await fetch()) as { file: { size: number } };
      assert.equal(file.size, "the whole".length);
      // It has given its place back.
      await create();
      await assert.rejects(fetch(), busy, "and is refused before anything is sent");
    },
  );

  await t.test("a file that goes out has its place for the one that comes back for it", async (t) => {
    const { files, owner, fetch } = await fetcher(t, async (_, { body, into }) => {
      const write = await into?.begin({ headers: [] });
      for await (const piece of body?.stream() ?? []) await write?.(piece);
      return { status: 200, statusText: "OK", url: "", headers: [], body: new Uint8Array(0) };
    });
    const out = await files.begin(owner, about, { limits: defaultFileLimits });
    await out.write(Buffer.from("there and back"));
    const { id } = await out.finish();
    const { file } = (await fetch({ method: "POST", body: { file: id } })) as { file: { size: number } };
    assert.equal(file.size, "there and back".length);
    files.transfers.begin(owner.tenantId)();
  });
});
