/** Every implementation of `KeyManagement` does what the vault builds on. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { loadMasterKey, localKeyManagement, movingKeyManagement } from "../../crypto/index.ts";
import { checkKeyManagement } from "../../testing/index.ts";
import { startKeyService } from "./key-service.ts";

const [first = "", second = ""] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64"));
const localWith = async (masterKey: string) =>
  localKeyManagement(await loadMasterKey({ masterKey, dataDir: "" }));

test("the master key of this process", async () => {
  await checkKeyManagement(await localWith(first), { next: await localWith(`${second},${first}`) });
});

test("a service that is asked over HTTP", async (t) => {
  const service = await startKeyService(t);
  await checkKeyManagement(service.keys, { next: service.rotate() });
});

test("on the way from the one to the other, and back", async (t) => {
  const [local, { keys }] = [await localWith(first), await startKeyService(t)];
  await checkKeyManagement(local, { next: movingKeyManagement(keys, local) });
  await checkKeyManagement(keys, { next: movingKeyManagement(local, keys) });
});

test("the check finds what is wrong", async () => {
  const local = await localWith(first);
  const lazy = { ...local, wrap: async (key: Buffer) => local.currentPrefix + key.toString("base64url") };
  await assert.rejects(checkKeyManagement(lazy), /it is not the key in base64/);
  const always = await local.wrap(randomBytes(32));
  await assert.rejects(checkKeyManagement({ ...local, wrap: async () => always }), /opens to the same key/);
  await assert.rejects(checkKeyManagement(local, { next: await localWith(second) }), /master key/);
  const vague = { ...(await localWith(`${second},${first}`)), currentPrefix: "v1." };
  await assert.rejects(checkKeyManagement(local, { next: vague }), /is told from what is not/);
});
