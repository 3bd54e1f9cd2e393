/** What is staged counts when it is applied, as a whole, or not at all. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { KeyState } from "../../kernel/capabilities/index.ts";
import { asPluginSees, openCoreDatabase, openStorageOf, pluginStorage } from "./harness.ts";

const refusal = (code: string) => (error: unknown) =>
  error instanceof Error && "code" in error && error.code === code;

async function open(t: TestContext, maxBytes = 10_000) {
  const { db, install } = await openCoreDatabase(t);
  const owner = await install();
  const stored = asPluginSees(openStorageOf(db, owner, { maxBytes }));
  return {
    db,
    owner,
    stored,
    stage(options: { initial?: KeyState[]; maxBytes?: number } = {}) {
      const staged = pluginStorage(db).stage({ ...owner, maxBytes, ...options });
      return {
        ...asPluginSees(staged.capability),
        apply: () => db.transaction().execute((tx) => staged.apply(tx)),
        applyAndFail: () =>
          db.transaction().execute(async (tx) => {
            await staged.apply(tx);
            throw new Error("what else was in the transaction failed");
          }),
      };
    },
  };
}

test("staged writes are read by whoever staged them, and stored when they are applied", async (t) => {
  const { stored, stage } = await open(t);
  await stored.set("kept", "old");
  await stored.set("changed", "old");
  await stored.set("deleted", "old");
  const staged = stage();
  await staged.set("changed", "new");
  await staged.set("created", null);
  assert.equal(await staged.delete("deleted"), true);
  assert.equal(await staged.delete("deleted"), false);

  assert.equal(await staged.get("changed"), "new");
  assert.equal(await staged.get("deleted"), undefined);
  assert.equal(await staged.get("kept"), "old");
  assert.deepEqual((await staged.list()).keys, ["changed", "created", "kept"]);
  assert.deepEqual((await stored.list()).keys, ["changed", "deleted", "kept"]);
  assert.equal(await stored.get("changed"), "old");

  const foreseen = await staged.usage();
  assert.deepEqual((await staged.apply()).before, [
    { key: "changed", value: '"old"' },
    { key: "created", value: null },
    { key: "deleted", value: '"old"' },
  ]);
  assert.equal(await stored.get("changed"), "new");
  assert.equal(await stored.get("created"), null);
  assert.deepEqual((await stored.list()).keys, ["changed", "created", "kept"]);
  assert.deepEqual(await stored.usage(), foreseen);
});

test("a transaction that fails takes the staged writes with it", async (t) => {
  const { stored, stage } = await open(t);
  const staged = stage();
  await staged.set("k", 1);
  await assert.rejects(staged.applyAndFail());
  assert.equal(await stored.get("k"), undefined);
  assert.equal((await stored.usage()).bytes, 0);
});

test("an install that is made in the same transaction can have staged writes", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const { tenantId } = await install();
  const installId = "ins_new";
  const staged = pluginStorage(db).stage({ tenantId, installId, maxBytes: 1_000 });
  await asPluginSees(staged.capability).set("k", 1);
  await db.transaction().execute(async (tx) => {
    const facts = {
      version: "1.0.0",
      status: "active",
      tarball_sha512: "",
      consent: "",
      receipt: "",
    } as const;
    await tx
      .insertInto("installs")
      .values({ ...facts, id: installId, tenant_id: tenantId, plugin: "acme/new" })
      .execute();
    await staged.apply(tx);
  });
  assert.equal(await asPluginSees(openStorageOf(db, { tenantId, installId })).get("k"), 1);
});

for (const [what, look] of Object.entries({
  "was read": (staged: ReturnType<typeof asPluginSees>) => staged.get("k"),
  "was read and overwritten": async (staged: ReturnType<typeof asPluginSees>) => {
    await staged.get("k");
    await staged.set("k", "staged");
  },
  "was overwritten unread": (staged: ReturnType<typeof asPluginSees>) => staged.set("k", "staged"),
  "was deleted": (staged: ReturnType<typeof asPluginSees>) => staged.delete("k"),
})) {
  test(`a key that ${what} and changed meanwhile is a conflict, and nothing is written`, async (t) => {
    const { stored, stage } = await open(t);
    await stored.set("k", "old");
    const staged = stage();
    await look(staged);
    await staged.set("another", 1);
    await stored.set("k", "the old version's");
    await assert.rejects(staged.apply(), refusal("storage-conflict"));
    assert.equal(await stored.get("k"), "the old version's");
    assert.equal(await stored.get("another"), undefined);
  });
}

test("a key found missing, or a listing, that is there by now is a conflict; an unrelated key is none", async (t) => {
  const { stored, stage } = await open(t);
  const missing = stage();
  await missing.get("late");
  const listing = stage();
  await listing.list({ prefix: "la" });
  const unrelated = stage();
  await unrelated.list({ prefix: "x/" });
  await unrelated.set("x/1", 1);
  await stored.set("late", 1);
  await assert.rejects(missing.apply(), refusal("storage-conflict"));
  await assert.rejects(listing.apply(), refusal("storage-conflict"));
  await unrelated.apply();
});

test("versions of staged values are compared like any", async (t) => {
  const { stored, stage } = await open(t);
  const { version } = await stored.set("k", "old");
  const staged = stage();
  await assert.rejects(staged.set("k", 1, { ifVersion: null }), refusal("storage-conflict"));
  const second = await staged.set("k", 1, { ifVersion: version });
  await assert.rejects(staged.set("k", 2, { ifVersion: version }), refusal("storage-conflict"));
  await assert.rejects(staged.delete("k", { ifVersion: version }), refusal("storage-conflict"));
  await staged.delete("k", { ifVersion: second.version });
  const third = await staged.set("k", 3, { ifVersion: null });
  await staged.apply();
  assert.deepEqual(await stored.entry("k"), { value: 3, version: third.version });
});

test("the quota holds while staging, and again when applied", async (t) => {
  const { stored, stage } = await open(t, 100);
  await stored.set("k", "x".repeat(40));
  const staged = stage();
  await assert.rejects(staged.set("j", "x".repeat(80)), refusal("storage-quota-exceeded"));
  await staged.set("j", "x".repeat(40));
  // Meanwhile the old version takes what was left.
  await stored.set("i", "x".repeat(20));
  await assert.rejects(staged.apply(), refusal("storage-quota-exceeded"));
  assert.equal(await stored.get("j"), undefined);
});

test("a rollback begins with what there was, whatever was written since, and beyond the quota", async (t) => {
  const { stored, stage } = await open(t, 100);
  await stored.set("changed", "x".repeat(60));
  await stored.set("deleted", "1");
  const upgrade = stage();
  await upgrade.set("changed", "2");
  await upgrade.delete("deleted");
  await upgrade.set("created", 1);
  const { before } = await upgrade.apply();
  // The new version goes on.
  await stored.set("created", 2);
  await stored.set("own", "x".repeat(50));

  const rollback = stage({ initial: before });
  assert.equal(await rollback.get("changed"), "x".repeat(60));
  assert.equal(await rollback.get("created"), undefined);
  assert.deepEqual((await rollback.list()).keys, ["changed", "deleted", "own"]);
  await stored.set("created", 3);
  await rollback.apply();
  assert.equal(await stored.get("changed"), "x".repeat(60));
  assert.equal(await stored.get("deleted"), "1");
  assert.equal(await stored.get("created"), undefined);
  const { bytes } = await stored.usage();
  assert.equal(bytes, "changed".length + 62 + "deleted".length + 3 + "own".length + 52);
  await assert.rejects(stored.set("more", 1), refusal("storage-quota-exceeded"));
});

test("pages of staged and stored keys together leave none out and repeat none", async (t) => {
  const { stored, stage } = await open(t);
  for (const key of ["a", "c", "e", "g", "i"]) await stored.set(key, 0);
  const staged = stage();
  for (const key of ["b", "d", "e", "j"]) await staged.set(key, 1);
  await staged.delete("c");
  await staged.delete("g");
  for (const limit of [1, 2, 3, 100]) {
    const keys: string[] = [];
    let after: string | null = null;
    do {
      const page: { keys: string[]; next: string | null } = await staged.list({ limit, after });
      keys.push(...page.keys);
      after = page.next;
    } while (after !== null);
    assert.deepEqual(keys, ["a", "b", "d", "e", "i", "j"], `pages of ${limit}`);
  }
});

test("changes under way hold so much memory and no more, each tenant's apart", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = pluginStorage(db, { staged: { hostBytes: 3_000, tenantBytes: 2_000 } });
  const own = await install();
  const [beside, other, third] = [await install(own.tenantId), await install(), await install()];
  const change = (owner: typeof own, initial: KeyState[] = []) => {
    const staged = storage.stage({ ...owner, maxBytes: 100_000, initial });
    return { ...asPluginSees(staged.capability), close: staged.close };
  };
  const thousand = "x".repeat(990);
  const first = change(own);
  for (const key of ["a", "b", "a", "b"]) await first.set(key, thousand);
  const second = change(beside);
  await assert.rejects(second.set("a", thousand), refusal("storage-busy"));
  assert.throws(() => change(beside, [{ key: "a", value: thousand }]), refusal("storage-busy"));

  const others = change(other);
  await others.set("a", thousand);
  await assert.rejects(change(third).set("a", thousand), refusal("storage-busy"));

  await first.delete("a");
  await second.set("a", thousand);
  first.close();
  second.close();
  others.close();
  const alone = change(third);
  for (let key = 0; key < 5; key++) await alone.set(`k${key}`, thousand);
  alone.close();
  await assert.rejects(alone.set("late", thousand), refusal("storage-busy"));
});

test("what a change reads is held too", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = pluginStorage(db, { staged: { hostBytes: 1_500, tenantBytes: 1_500 } });
  const [own, other] = [await install(), await install()];
  const stored = asPluginSees(openStorageOf(db, own, { maxBytes: 10_000 }));
  await stored.set("a", "x".repeat(990));
  const reading = storage.stage({ ...own, maxBytes: 10_000 });
  await asPluginSees(reading.capability).get("a");
  const writing = asPluginSees(storage.stage({ ...other, maxBytes: 10_000 }).capability);
  await assert.rejects(writing.set("a", "x".repeat(990)), refusal("storage-busy"));
  reading.close();
  await writing.set("a", "x".repeat(990));
});

test("changes that write much are recorded two at a time, one of a tenant; small ones do not wait", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = pluginStorage(db);
  const own = await install();
  const owners = [own, await install(own.tenantId), await install(), await install()];
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const recorded: Promise<void>[] = [];
  const turn = () => new Promise((go) => setImmediate(go));
  for (const [index, owner] of owners.entries()) {
    const large = storage.stage({
      ...owner,
      maxBytes: 10_000_000,
      initial: [{ key: "k", value: JSON.stringify("x".repeat(1_100_000)) }],
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    ends[index] = resolve;
    const record = async () => {
      begun.push(index);
      await promise;
    };
    recorded.push(large.inTurn(record));
  }
  await turn();
  assert.deepEqual(begun, [0, 2]);
  assert.equal(await storage.stage({ ...own, maxBytes: 10 }).inTurn(async () => "recorded"), "recorded");
  ends[0]?.();
  await recorded[0];
  await turn();
  assert.equal(begun.length, 3);
  for (const end of ends) end();
  await Promise.all(recorded);
  assert.equal(begun.length, 4);
});

test("more than one statement's worth is written, and what stood there comes back whole", async (t) => {
  const { stored, stage } = await open(t, 30_000_000);
  const value = "x".repeat(1_000_000);
  await stored.set("k3", "before");
  const staged = stage();
  for (let key = 0; key < 9; key++) await staged.set(`k${key}`, value);
  const { before } = await staged.apply();
  assert.deepEqual(before[3], { key: "k3", value: '"before"' });
  assert.equal(before.filter((state) => state.value === null).length, 8);
  assert.equal((await stored.list()).keys.length, 9);
  assert.equal(await stored.get("k8"), value);
});
