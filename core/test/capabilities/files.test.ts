/** What the plugins of a tenant keep in files: each install its own, and so many of them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { createFiles, defaultFileLimits } from "../../kernel/capabilities/index.ts";
import { createVault } from "../../kernel/vault/vault.ts";
import { openCoreDatabase } from "../storage/harness.ts";

test("plugins make files", async (t) => {
  const { db, install } = await openCoreDatabase(t);
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
});
