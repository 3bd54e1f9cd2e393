import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import {
  generateDataKey,
  loadMasterKey,
  unwrapKey,
  wrapKey,
  wrappedPrefix,
} from "@plugboard/service-kit/crypto";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "plugboard-key-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

function newKey(): string {
  return randomBytes(32).toString("base64");
}

test("without a configured master key one is made once, in a file of its owner alone", async (t) => {
  const dataDir = await folder(t);
  const [one, two] = await Promise.all([loadMasterKey({ dataDir }), loadMasterKey({ dataDir })]);
  const key = generateDataKey();
  assert.deepEqual(unwrapKey(two, wrapKey(one, key)), key);
  assert.equal((await stat(join(dataDir, "master-key"))).mode & 0o777, 0o600);
});

test("a configured master key needs no file", async (t) => {
  const dataDir = await folder(t);
  const master = await loadMasterKey({ masterKey: newKey(), dataDir });
  const key = generateDataKey();
  assert.deepEqual(unwrapKey(master, wrapKey(master, key)), key);
  await assert.rejects(stat(join(dataDir, "master-key")), { code: "ENOENT" });
});

test("a master key can be rotated: the old one still opens, the new one wraps, and what is to be done shows", async () => {
  const [old, fresh] = [newKey(), newKey()];
  const before = await loadMasterKey({ masterKey: old, dataDir: "" });
  const key = generateDataKey();
  const wrapped = wrapKey(before, key);

  const during = await loadMasterKey({ masterKey: `${fresh}, ${old}`, dataDir: "" });
  assert.ok(!wrapped.startsWith(wrappedPrefix(during)));
  const rewrapped = wrapKey(during, unwrapKey(during, wrapped));
  assert.ok(rewrapped.startsWith(wrappedPrefix(during)));

  const after = await loadMasterKey({ masterKey: fresh, dataDir: "" });
  assert.deepEqual(unwrapKey(after, rewrapped), key);
  assert.throws(() => unwrapKey(after, wrapped), {
    code: "master-key-unknown",
    message: new RegExp(before.id),
  });
});

test("a wrapped key that was changed does not open", async () => {
  const master = await loadMasterKey({ masterKey: newKey(), dataDir: "" });
  const wrapped = wrapKey(master, generateDataKey());
  const [version = "", id = "", body = ""] = wrapped.split(".");
  const other = body.startsWith("A") ? "B" : "A";
  for (const changed of [
    `${version}.${id}.${other}${body.slice(1)}`,
    `v2.${id}.${body}`,
    `${version}.${id}`,
    "",
    `${wrapped}.x`,
  ]) {
    assert.throws(() => unwrapKey(master, changed), { code: "sealed-invalid" });
  }
});

test("a bad master key is refused with how to make a good one, and without showing it", async (t) => {
  for (const masterKey of [
    "short",
    Buffer.alloc(16).toString("base64"),
    `${newKey()},oops`,
    "not base64 at all, not at all!",
  ]) {
    await assert.rejects(loadMasterKey({ masterKey, dataDir: "" }), (error: Error) => {
      assert.match(error.message, /PLUGBOARD_MASTER_KEY.*openssl rand -base64 32/);
      assert.ok(!error.message.includes(masterKey));
      return true;
    });
  }
  const dataDir = await folder(t);
  await writeFile(join(dataDir, "master-key"), newKey(), { mode: 0o600 });
  await chmod(join(dataDir, "master-key"), 0o644);
  await assert.rejects(loadMasterKey({ dataDir }), { code: "secret-file-invalid", message: /chmod 600/ });
});

test("a master key that is logged or inspected shows no key", async (t) => {
  const dataDir = await folder(t);
  const master = await loadMasterKey({ dataDir });
  const text = (await readFile(join(dataDir, "master-key"), "utf8")).trim();
  const shown = inspect(master, { depth: 9, showHidden: true }) + JSON.stringify([...master.keys]);
  assert.ok(!shown.includes(text));
  assert.ok(!shown.includes(Buffer.from(text, "base64").toString("hex").slice(0, 8)));
});
