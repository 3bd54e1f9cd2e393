import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { packageErrorCodes, packageLimits, packPackage } from "@plugboard/plugin-sdk/package";
import { registryErrorTable } from "@plugboard/registry";
import { echoCode, manifestOf, pack, signPublisherStatement } from "./support/plugins.ts";
import { pointersOf, refused } from "./support/refused.ts";
import { registerPublisher, startRegistry, type TestPublisher } from "./support/registry.ts";
import { type TarEntry, tarball } from "./support/tar.ts";

const source = { id: "acme/echo", version: "1.0.0" };

const manifestBytes = Buffer.from(JSON.stringify(manifestOf(source)));
const manifestEntry: TarEntry = { name: "package/plugin.json", content: manifestBytes };
const code: TarEntry = { name: "package/dist/plugin.js", content: Buffer.from(echoCode) };

/** A well-signed statement on bytes that may be anything. */
async function signedBlindly(bytes: Buffer, { key }: TestPublisher, size = bytes.length) {
  const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest("hex");
  const statement = {
    ...source,
    size,
    sha512: hash("sha512"),
    files: [["plugin.json", 1, hash("sha256")] as [string, number, string]],
    permissions: {},
    manifestSha512: hash("sha512"),
  };
  return { tarball: bytes, statement: await signPublisherStatement(statement, key.privateJwk) };
}

test("a package with an entry that could reach outside it, or is no regular file, is refused", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const hostile: TarEntry[] = [
    { name: "package/../../etc/cron.d/x" },
    { name: "/etc/passwd" },
    { name: "outside.txt" },
    { name: "package/link", type: "2", linkname: "/etc/passwd" },
    { name: "package/hard", type: "1", linkname: "package/plugin.json" },
    { name: "package/device", type: "3" },
    { name: "package\\..\\..\\x" },
  ];

  for (const entry of hostile) {
    const upload = await signedBlindly(tarball([manifestEntry, code, entry]), acme);
    const { detail } = await refused(client.publish(upload), 422, "package-unsafe-entry");
    assert.ok(detail.length > 0, entry.name);
  }
});

test("two entries whose names differ by case only are refused", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const upload = await signedBlindly(
    tarball([manifestEntry, code, { name: "package/dist/Plugin.js", content: Buffer.from("x") }]),
    acme,
  );

  await refused(client.publish(upload), 422, "package-duplicate-entry");
});

test("bytes that are no archive are refused", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");

  await refused(client.publish(await signedBlindly(Buffer.from("not gzip"), acme)), 422, "package-malformed");
});

test("a package without manifest, or without the script it names, is refused", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");

  const script = { path: "dist/plugin.js", content: Buffer.from(echoCode) };
  const withoutManifest = await packPackage([script]);
  const withoutScript = await packPackage([{ path: "plugin.json", content: manifestBytes }]);

  await refused(client.publish(await signedBlindly(withoutManifest, acme)), 422, "manifest-missing");
  await refused(client.publish(await signedBlindly(withoutScript, acme)), 422, "main-missing");
});

test("an invalid manifest is refused with every problem and where it is", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const manifest = { displayName: "", license: undefined, permissions: { network: [{}] }, extra: 1 };

  const upload = await signedBlindly(await pack({ ...source, manifest }), acme);
  const refusal = await refused(client.publish(upload), 422, "manifest-invalid");

  const pointers = new Set(pointersOf(refusal));
  for (const pointer of ["/displayName", "/license", "/extra", "/permissions/network/0/hosts"]) {
    assert.ok(pointers.has(pointer), `${pointer} is missing in ${[...pointers]}`);
  }
});

test("a package that is too large is refused by what the statement says, before it is sent", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");

  const upload = await signedBlindly(Buffer.from("x"), acme, packageLimits.packedBytes + 1);

  await refused(client.publish(upload), 413, "package-too-large");
});

test("a decompression bomb is refused", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const zeros = { name: "package/zeros", content: Buffer.alloc(packageLimits.unpackedBytes) };
  const bomb = tarball([code, manifestEntry, zeros]);
  assert.ok(bomb.length < 1024 * 1024);

  await refused(client.publish(await signedBlindly(bomb, acme)), 413, "package-too-large");
});

test("every reason for which a package is refused has its code in the registry's table", () => {
  for (const code of Object.keys(packageErrorCodes)) assert.ok(code in registryErrorTable, code);
});
