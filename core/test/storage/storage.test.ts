/** What a plugin keeps comes back as it was, is counted exactly, and is its install's alone. */
import assert from "node:assert/strict";
import test from "node:test";
import { asPluginSees, openCoreDatabase, openStorageOf } from "./harness.ts";

const refusal = (code: string) => (error: unknown) =>
  error instanceof Error && "code" in error && error.code === code;

test("values come back as they were stored", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = asPluginSees(openStorageOf(db, await install()));
  const values = {
    "a key / with é and 😀": { nested: [1, null, { deep: true }] },
    nothing: null,
    text: "NUL \u0000 and half a character \ud83d",
    "10 to the 300": 1e300,
    // Own members of these names are data like any other.
    ["__proto__"]: JSON.parse('{"__proto__":{"admin":true},"constructor":1}'),
    "": undefined,
  };
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    await storage.set(key, value);
    assert.deepEqual(await storage.get(key), value);
  }
  await storage.set("__proto__", { polluted: true });
  assert.equal(JSON.stringify(await storage.get("__proto__")), '{"polluted":true}');
  assert.equal(({} as { polluted?: true }).polluted, undefined);
  assert.equal(await storage.get("never stored"), undefined);
});

test("a version never comes again, also for a key that was deleted and made anew", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = asPluginSees(openStorageOf(db, await install()));
  const { version: first } = await storage.set("k", 1);
  assert.equal(await storage.delete("k"), true);
  assert.equal(await storage.delete("k"), false);
  const { version: second } = await storage.set("k", 1);
  assert.notEqual(second, first);
  await assert.rejects(storage.set("k", 2, { ifVersion: first }), refusal("storage-conflict"));
  await assert.rejects(storage.delete("k", { ifVersion: first }), refusal("storage-conflict"));
  await assert.rejects(storage.set("k", 2, { ifVersion: null }), refusal("storage-conflict"));
  assert.deepEqual(await storage.entry("k"), { value: 1, version: second });
  assert.equal(await storage.delete("k", { ifVersion: second }), true);
});

/** Ten hosts over one database: each with its own turns. */
function tenHosts(...of: Parameters<typeof openStorageOf>) {
  return Array.from({ length: 10 }, () => asPluginSees(openStorageOf(...of)));
}

function codesOf(outcomes: PromiseSettledResult<unknown>[]): string[] {
  return outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "ok")).sort();
}

test("of ten hosts that expect the same version, exactly one writes", async (t) => {
  const { db, install, collide } = await openCoreDatabase(t);
  const owner = await install();
  const hosts = tenHosts(db, owner);
  await hosts[0]?.set("other", 1);
  const onlyOne = [...Array(1).fill("ok"), ...Array(9).fill("storage-conflict")].sort();
  const create = hosts.map((host, index) => () => host.set("k", index, { ifVersion: null }));
  assert.deepEqual(codesOf(await collide(owner, create)), onlyOne);
  const { version } = (await hosts[0]?.entry("k")) ?? { version: "" };
  const change = hosts.map((host, index) => () => host.set("k", index, { ifVersion: version }));
  assert.deepEqual(codesOf(await collide(owner, change)), onlyOne);
  const { version: next } = (await hosts[0]?.entry("k")) ?? { version: "" };
  const remove = hosts.map((host) => () => host.delete("k", { ifVersion: next }));
  assert.deepEqual(codesOf(await collide(owner, remove)), onlyOne);
  assert.equal((await hosts[0]?.usage())?.bytes, "other".length + 1);
});

test("of ten hosts that would each fill the quota, or add the last key, exactly one does", async (t) => {
  const { db, install, collide } = await openCoreDatabase(t);
  const owner = await install();
  const bytes = tenHosts(db, owner, { maxBytes: 4 });
  await bytes[0]?.set("k", 1);
  const fill = bytes.map((host, index) => () => host.set(String(index), 1));
  assert.deepEqual(codesOf(await collide(owner, fill)), ["ok", ...Array(9).fill("storage-quota-exceeded")]);
  const keys = tenHosts(db, owner, { limits: { storageKeys: 3 } });
  const add = keys.map((host, index) => () => host.set(`another ${index}`, 1));
  assert.deepEqual(codesOf(await collide(owner, add)), ["ok", ...Array(9).fill("storage-too-many-keys")]);
});

test("the quota counts keys and values to the byte, under concurrent writes of two hosts", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const owner = await install();
  // "k00" and "é" in quotes: 3 + 4 bytes.
  const maxBytes = 7 * 30;
  const hosts = [1, 2].map(() => asPluginSees(openStorageOf(db, owner, { maxBytes })));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) =>
      hosts[index % 2]?.set(`k${String(index).padStart(2, "0")}`, "é"),
    ),
  );
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 30);
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
  assert.deepEqual(new Set(refused), new Set(["storage-quota-exceeded"]));
  assert.deepEqual(await hosts[0]?.usage(), { bytes: maxBytes, maxBytes });

  const { keys = [] } = (await hosts[0]?.list()) ?? {};
  await Promise.all(keys.map((key) => hosts[1]?.delete(key)));
  assert.equal((await hosts[0]?.usage())?.bytes, 0);
});

test("a quota that became smaller leaves what is stored, and lets it shrink", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const owner = await install();
  await asPluginSees(openStorageOf(db, owner)).set("k", "x".repeat(100));
  const storage = asPluginSees(openStorageOf(db, owner, { maxBytes: 50 }));
  assert.equal(await storage.get("k"), "x".repeat(100));
  await assert.rejects(storage.set("k", "x".repeat(101)), refusal("storage-quota-exceeded"));
  await storage.set("k", "x".repeat(99));
});

test("keys are counted, and their number has a limit", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = asPluginSees(openStorageOf(db, await install(), { limits: { storageKeys: 5 } }));
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => storage.set(`k${i}`, i)));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 5);
  const [first = ""] = (await storage.list()).keys;
  await storage.set(first, "again");
  await assert.rejects(storage.set("one more", 1), refusal("storage-too-many-keys"));
});

test("keys are listed in the order of their bytes, page by page", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = asPluginSees(openStorageOf(db, await install()));
  // "_" and "%" mean themselves; 😀 comes after ﬀ in bytes, and before it in JavaScript.
  for (const key of ["a%b", "a_1", "aXb", "B", "ﬀ", "😀", "a_2"]) await storage.set(key, 0);
  assert.deepEqual((await storage.list()).keys, ["B", "aXb", "a%b", "a_1", "a_2", "ﬀ", "😀"].sort(byBytes));
  assert.deepEqual(await storage.list({ prefix: "a_" }), { keys: ["a_1", "a_2"], next: null });
  assert.deepEqual((await storage.list({ prefix: "a%" })).keys, ["a%b"]);
  const paged: string[] = [];
  let after: string | null = null;
  do {
    const page: { keys: string[]; next: string | null } = await storage.list({ limit: 3, after });
    assert.ok(page.keys.length <= 3);
    paged.push(...page.keys);
    after = page.next;
  } while (after !== null);
  assert.deepEqual(paged, (await storage.list()).keys);
});

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

test("what storage cannot take is refused with words, not by the database", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = asPluginSees(openStorageOf(db, await install(), { limits: { storageValueBytes: 10 } }));
  const badKeys = ["", "x".repeat(257), "NUL \u0000", "line\n", "half \ud83d", "\udc00", 7, null, ["k"], {}];
  for (const key of badKeys) {
    for (const attempt of [storage.get(key), storage.set(key, 1), storage.delete(key)])
      await assert.rejects(attempt, refusal("storage-invalid-argument"), JSON.stringify(key));
  }
  const bad = [
    storage.set("k"),
    storage.set("k", new Uint8Array([1])),
    storage.set("k", { deep: [new Uint8Array([1])] }),
    storage.set("k", 1, { ifVersion: 7 }),
    storage.set("k", 1, { ifVersion: "x".repeat(1000) }),
    storage.set("k", 1, { ifversion: "v" }),
    storage.set("k", 1, {}, 1),
    storage.delete("k", { ifVersion: null }),
    storage.list({ limit: 0 }),
    storage.list({ limit: 1001 }),
    storage.list({ limit: 1.5 }),
    storage.list({ prefix: "\u0000" }),
    storage.list([]),
  ];
  for (const attempt of bad) await assert.rejects(attempt, refusal("storage-invalid-argument"));
  await assert.rejects(storage.set("k", "x".repeat(9)), refusal("storage-value-too-large"));
  await storage.set("k".repeat(256), "x".repeat(8));
  await assert.rejects(storage.set("k", 1, { ifVersion: "no-such-version" }), refusal("storage-conflict"));
});

test("another install's storage, and another tenant's, is not there", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const own = await install();
  const neighbour = await install(own.tenantId);
  await asPluginSees(openStorageOf(db, own)).set("k", "mine");
  const others = [
    neighbour,
    await install(),
    { ...own, tenantId: neighbour.tenantId, installId: "ins_none" },
  ];
  for (const other of others) {
    const storage = asPluginSees(openStorageOf(db, other));
    assert.equal(await storage.get("k"), undefined);
    assert.deepEqual((await storage.list()).keys, []);
    assert.equal((await storage.usage()).bytes, 0);
    assert.equal(await storage.delete("k"), false);
  }
  // An install under the wrong tenant: the host never asks so, and if it did, nothing would be found or written.
  const mixed = asPluginSees(
    openStorageOf(db, { tenantId: (await install()).tenantId, installId: own.installId }),
  );
  assert.equal(await mixed.get("k"), undefined);
  assert.equal(await mixed.delete("k"), false);
  await assert.rejects(mixed.set("k", "stolen"), refusal("storage-gone"));
  assert.equal(await asPluginSees(openStorageOf(db, own)).get("k"), "mine");
});

test("storage goes with its install", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const owner = await install();
  const storage = asPluginSees(openStorageOf(db, owner));
  await storage.set("k", 1);
  await db.deleteFrom("installs").where("id", "=", owner.installId).execute();
  assert.deepEqual(await db.selectFrom("plugin_storage").selectAll().execute(), []);
  assert.deepEqual(await db.selectFrom("plugin_storage_usage").selectAll().execute(), []);
  await assert.rejects(storage.set("k", 1), refusal("storage-gone"));
});

test("operations beyond what may be under way are refused", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const storage = asPluginSees(openStorageOf(db, await install(), { limits: { storageOperations: 4 } }));
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => storage.set(`k${i}`, i)));
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
  assert.deepEqual(refused, Array(6).fill("storage-busy"));
  await storage.set("after", 1);
});

test("after its call, nothing is read or written, and nothing lands late", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const owner = await install();
  const opened = openStorageOf(db, owner);
  const storage = asPluginSees(opened);
  const outcomes = Promise.allSettled(Array.from({ length: 50 }, (_, i) => storage.set(`k${i}`, i)));
  await opened.close?.();
  const { count } = await db
    .selectFrom("plugin_storage")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const landed = (await outcomes).filter(({ status }) => status === "fulfilled");
  assert.equal(
    landed.length,
    count,
    "what was refused was not written, and what was written came before the end",
  );
  assert.ok(count < 50);
  for (const late of [storage.get("k0"), storage.set("late", 1), storage.list(), storage.usage()])
    await assert.rejects(late, refusal("storage-aborted"));
});
