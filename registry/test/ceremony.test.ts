/** Root and online keys: how an operator takes the root offline, rotates, and ends a key that was stolen. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import {
  activeKeys,
  generateSigningKey,
  signStatement,
  statementTypes,
  thumbprint,
  verifyRoot,
  verifyStatement,
} from "@plugboard/plugin-sdk/trust";
import { verifyRelease } from "@plugboard/registry/client";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { runOperator } from "../operator/index.ts";
import { refused } from "./support/refused.ts";
import {
  onlineKeysOf,
  operatorToken,
  registerPublisher,
  startRegistry,
  type TestRegistry,
  tenant,
} from "./support/registry.ts";

async function openDesk(t: TestContext, registry: TestRegistry) {
  const folder = await mkdtemp(path.join(tmpdir(), "plugboard-ceremony-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const env = { PLUGBOARD_REGISTRY_URL: registry.url, PLUGBOARD_REGISTRY_OPERATOR_TOKEN: operatorToken };
  return {
    file: (name: string) => path.join(folder, name),
    /** Types a command; words that begin with @ are files of this desk. @returns exit code and what was printed */
    async type(line: string): Promise<{ code: number; printed: string }> {
      const printed: string[] = [];
      const say = (text: string) => void printed.push(text);
      const args = line
        .split(" ")
        .map((word) => (word.startsWith("@") ? path.join(folder, word.slice(1)) : word));
      const code = await runOperator(args, { env, out: say, err: say });
      return { code, printed: printed.join("") };
    },
    async done(line: string): Promise<string> {
      const { code, printed } = await this.type(line);
      assert.equal(code, 0, `${line}: ${printed}`);
      return printed;
    },
  };
}

async function verify({ client }: TestRegistry, plugin: string, version: string) {
  return verifyRelease({
    tarball: await client.getTarball(plugin, version),
    signatures: await client.getSignatures(plugin, version),
    trust: { onlineKeys: await onlineKeysOf(client) },
  });
}

test("an operator takes the root offline with two of three keys, and rotates the online key with them", async (t) => {
  const registry = await startRegistry(t);
  const { client } = registry;
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });
  const first = await verifyRoot(await client.getRoot());
  const desk = await openDesk(t, registry);
  for (const name of ["a", "b", "c"]) await desk.done(`root key @${name}`);
  assert.equal((await stat(desk.file("a"))).mode & 0o777, 0o600);
  const own = await thumbprint(first.rootKeys[0] ?? {});

  await desk.done(`root draft @two --add @a.pub --add @b.pub --add @c.pub --remove ${own} --threshold 2`);
  await desk.done("root sign @two --key @a");
  const early = await desk.type("root publish @two");
  assert.equal(early.code, 1);
  assert.match(early.printed, /root-refused|signed by 1 of its own root keys; 2 have to/);
  await desk.done("root sign @two --key @b");
  assert.match(await desk.done("root publish @two"), /Root 2 is in force/);

  // The registry keeps no root key any more, so it signs no root by itself.
  await refused(client.rotateOnlineKey({}), 409, "root-keys-offline");
  const [old] = await onlineKeysOf(client);
  await desk.done("online-key make @online.pub");
  await desk.done(`root draft @three --online @online.pub --end ${await thumbprint(old ?? {})}`);
  for (const name of ["b", "c"]) await desk.done(`root sign @three --key @${name}`);
  await desk.done("root publish @three");

  const root = await verifyRoot(await client.getRoot(), await verifyRoot(await client.getRootVersion(2)));
  const [active, ...more] = activeKeys(root.onlineKeys);
  assert.deepEqual([root.version, root.threshold, more], [3, 2, []]);
  assert.deepEqual(JSON.parse(await readFile(desk.file("online.pub"), "utf8")), active);
  await acme.publish({ name: "echo", version: "1.1.0" });
  for (const version of ["1.0.0", "1.1.0"]) {
    assert.equal((await verify(registry, "acme/echo", version)).manifest.version, version);
  }
  const { registry: statement } = await client.getSignatures("acme/echo", "1.1.0");
  assert.equal(decodeProtectedHeader(statement).kid, await thumbprint(active ?? {}));
});

test("a stolen online key: after the root says so, all that this registry signed with it since is signed anew", async (t) => {
  const registry = await startRegistry(t);
  const { client } = registry;
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });
  const consent = consentDigest({ id: "acme/echo", permissions: {} });
  const { id, receipt } = await client.createInstall(tenant, {
    plugin: "acme/echo",
    range: "1.0.0",
    consent,
  });
  const before = await client.getSignatures("acme/echo", "1.0.0");
  const [stolen] = await onlineKeysOf(client);
  const desk = await openDesk(t, registry);

  // It was stolen before the publisher registered.
  assert.match(await desk.done("online-key rotate --stolen --until 1"), /Root 2/);

  const keys = await onlineKeysOf(client);
  const kidOf = (jws: string) => decodeProtectedHeader(jws).kid;
  assert.deepEqual(keys[0], { ...stolen, until: 1, stolen: true });
  const [active] = activeKeys(keys);
  const after = await client.getSignatures("acme/echo", "1.0.0");
  assert.deepEqual(
    [kidOf(after.registry), kidOf(after.delegation)],
    Array(2).fill(await thumbprint(active ?? {})),
  );
  assert.deepEqual(decodeJwt(after.registry), decodeJwt(before.registry));
  assert.equal((await verify(registry, "acme/echo", "1.0.0")).seq, 3);
  const again = await client.getInstall(tenant, id);
  assert.equal(kidOf(again.receipt), await thumbprint(active ?? {}));
  const { seq: _, issuedAt: __, ...said } = decodeJwt(again.receipt) as Record<string, unknown>;
  const { seq: ___, issuedAt: ____, ...saidBefore } = decodeJwt(receipt) as Record<string, unknown>;
  assert.deepEqual(said, saidBefore);

  // What the thief has kept of before is worth nothing: its proof is by the stolen key.
  const tarball = await client.getTarball("acme/echo", "1.0.0");
  await assert.rejects(verifyRelease({ tarball, signatures: before, trust: { onlineKeys: keys } }), {
    code: "release-not-trusted",
  });
});

test("what a stolen online key signs beside the registry is in no index, and so is nothing", async (t) => {
  const registry = await startRegistry(t);
  const { client } = registry;
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });
  const signatures = await client.getSignatures("acme/echo", "1.0.0");
  const tarball = await client.getTarball("acme/echo", "1.0.0");
  const thief = await generateSigningKey();
  const onlineKeys = [
    ...(await onlineKeysOf(client)),
    { ...thief.publicJwk, until: 2, stolen: true as const },
  ];
  const forged = await signStatement(statementTypes.registry, decodeJwt(signatures.registry), thief);
  await assert.rejects(
    verifyRelease({ tarball, signatures: { ...signatures, registry: forged }, trust: { onlineKeys } }),
    { part: "registry-signature" },
  );
  const early = { ...decodeJwt(signatures.registry), seq: 2 };
  const dated = await signStatement(statementTypes.registry, early, thief);
  await assert.rejects(
    verifyRelease({ tarball, signatures: { ...signatures, registry: dated }, trust: { onlineKeys } }),
    { part: "index" },
  );
});

test("a root that forgets an online key, or names none that the registry holds, is refused", async (t) => {
  const registry = await startRegistry(t);
  const { client } = registry;
  const desk = await openDesk(t, registry);
  const stranger = await generateSigningKey();
  const root = await verifyRoot(await client.getRoot());
  await desk.done("root key @a");
  const { privateJwk } = JSON.parse(await readFile(desk.file("a"), "utf8"));
  const { d: _, ...publicJwk } = privateJwk;
  for (const onlineKeys of [
    [stranger.publicJwk],
    [{ ...root.onlineKeys[0], until: 1 }, stranger.publicJwk],
  ]) {
    const next = { ...root, version: 2, rootKeys: [...root.rootKeys, publicJwk], onlineKeys };
    const jws = await signStatement(statementTypes.root, next, { privateJwk });
    await refused(client.publishRoot({ signatures: [jws] }), 422, "root-refused");
  }
  // What is signed over no JSON, or over no object, is refused in words too.
  for (const payload of ["*", "", "bm90", "MQ", "bnVsbA"])
    await refused(client.publishRoot({ signatures: [`e30.${payload}.AA`] }), 422, "root-refused");
  assert.equal((await client.getRoot()).version, 1);
});

test("the operator's commands say what is missing, and never write over a key", async (t) => {
  const registry = await startRegistry(t);
  const desk = await openDesk(t, registry);
  await desk.done("root key @a");
  const key = await readFile(desk.file("a"), "utf8");
  for (const [line, code, why] of [
    ["root key @a", 1, /is there already, and is not written over/],
    ["root", 2, /root draft <draft>/],
    ["help", 0, /Without arguments the registry starts/],
    ["root sign @a", 1, /is no draft of a root/],
    ["root sign @ghost --key @a", 1, /cannot be read/],
    ["root draft @d --threshold 9", 1, /expected a whole number from 1 to 1/],
    ["root draft @d --end nobody", 1, /no online key of the root in force/],
    ["root draft @d --wrong", 1, /wrong/],
    ["block acme/echo --reason none", 1, /expected publisher\/name@1\.2\.3/],
    ["block acme/echo@1.0.0", 1, /--reason is missing/],
    ["block acme/echo@1.0.0 --reason none", 1, /acme\/echo 1\.0\.0 is not published/],
    ["root publish @d --token-file @a", 1, /cannot be read/],
  ] as const) {
    const { code: given, printed } = await desk.type(line);
    assert.deepEqual([given, why.test(printed)], [code, true], `${line}: ${printed}`);
  }
  assert.equal(await readFile(desk.file("a"), "utf8"), key);
});

test("the checkpoint is signed anew in good time, by one of several processes, and the root too", async (t) => {
  const clock = { now: new Date("2026-01-01T00:00:00Z") };
  const { client } = await startRegistry(t, { now: () => clock.now });
  const read = async () => {
    const jws = await client.getCheckpoint();
    const keys = await onlineKeysOf(client);
    return verifyStatement<{ seq: number; expiresAt: string }>(statementTypes.checkpoint, jws, keys);
  };
  const first = await read();
  clock.now = new Date("2026-01-01T11:00:00Z");
  assert.deepEqual(await read(), first);
  clock.now = new Date("2026-01-01T13:00:00Z");
  const [one, ...others] = await Promise.all([read(), read(), read(), read()]);
  assert.deepEqual([one?.seq, one?.expiresAt], [first.seq, "2026-01-02T13:00:00.000Z"]);
  for (const other of others) assert.deepEqual(other, one);
});
