import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import { readPackage } from "@plugboard/plugin-sdk/package";
import { generateSigningKey, sha256Hex, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import {
  type RegistryClient,
  ReleaseError,
  type ReleasePart,
  type ReleaseToVerify,
  verifyRelease,
} from "@plugboard/registry/client";
import { echoCode, pack, signPublisherStatement } from "./support/plugins.ts";
import { proveAlone } from "./support/proofs.ts";
import { onlineKeysOf, registerPublisher, startRegistry, type TestPublisher } from "./support/registry.ts";

async function fetchRelease(client: RegistryClient, plugin: string, version: string) {
  return {
    tarball: await client.getTarball(plugin, version),
    signatures: await client.getSignatures(plugin, version),
    trust: { onlineKeys: await onlineKeysOf(client) },
  };
}

/** Two releases of one publisher and one of another, to mix parts of: the same for all tests, which alter copies. */
let published: ReturnType<typeof makeThree> | undefined;
const undo: (() => Promise<void>)[] = [];
const publishThree = () => {
  published ??= makeThree({ after: (step) => undo.push(step) });
  return published;
};
after(async () => {
  for (const step of undo.toReversed()) await step();
});

async function makeThree(t: Parameters<typeof startRegistry>[0]) {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const rival = await registerPublisher(client, "rival");
  await acme.publish({ name: "echo", version: "1.0.0" });
  await acme.publish({ name: "echo", version: "1.0.1" });
  await rival.publish({ name: "echo", version: "1.0.0" });
  return {
    acme,
    release: await fetchRelease(client, "acme/echo", "1.0.0"),
    next: await fetchRelease(client, "acme/echo", "1.0.1"),
    other: await fetchRelease(client, "rival/echo", "1.0.0"),
  };
}

async function untrusted(release: ReleaseToVerify, part: ReleasePart, why?: string): Promise<void> {
  const error = await verifyRelease(release).then(
    () => assert.fail(`A release was trusted although ${why ?? part} does not hold.`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ReleaseError, String(error));
  assert.equal(error.part, part, error.message);
}

/** Another character at the place, of the same alphabet. */
function alter(jws: string, part: 0 | 1 | 2): string {
  const parts = jws.split(".");
  const text = parts[part] ?? "";
  const middle = Math.floor(text.length / 2);
  parts[part] = text.slice(0, middle) + (text[middle] === "A" ? "B" : "A") + text.slice(middle + 1);
  return parts.join(".");
}

test("a release as the registry hands it out is trusted, and is what its publisher signed", async () => {
  const { release } = await publishThree();

  const content = await verifyRelease(release);

  assert.deepEqual([content.manifest.id, content.manifest.version], ["acme/echo", "1.0.0"]);
  assert.equal(content.mainCode, echoCode);
});

test("whether the publisher is verified is the registry's signed word, and nobody else's", async (t) => {
  const { client, vouchFor } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });
  const before = await fetchRelease(client, "acme/echo", "1.0.0");
  assert.equal((await verifyRelease(before)).publisherVerified, false);

  await Promise.all([vouchFor("acme"), vouchFor("acme"), vouchFor("nobody")]);

  assert.equal((await client.getPublisher("acme")).verified, true);
  assert.equal((await verifyRelease(before)).publisherVerified, false, "a copy says what it was signed with");
  const after = await fetchRelease(client, "acme/echo", "1.0.0");
  assert.equal((await verifyRelease(after)).publisherVerified, true);
  const [header = "", payload = "", signature = ""] = before.signatures.delegation.split(".");
  const raised = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), verified: true };
  const delegation = [header, Buffer.from(JSON.stringify(raised)).toString("base64url"), signature].join(".");
  await untrusted({ ...before, signatures: { ...before.signatures, delegation } }, "delegation");
});

test("one altered character in any part of any statement is noticed", async () => {
  const { release } = await publishThree();
  const parts = {
    publisher: "publisher-signature",
    registry: "registry-signature",
    delegation: "delegation",
  } as const;

  for (const name of ["publisher", "registry", "delegation"] as const) {
    for (const at of [0, 1, 2] as const) {
      const signatures = { ...release.signatures, [name]: alter(release.signatures[name], at) };
      await untrusted({ ...release, signatures }, parts[name], `part ${at} of ${name}`);
    }
  }
});

test("one altered, missing or additional byte of the tarball is noticed", async () => {
  const { release } = await publishThree();
  const { tarball } = release;
  for (const at of [0, 9, Math.floor(tarball.length / 2), tarball.length - 1]) {
    const altered = Buffer.from(tarball);
    altered[at] = (altered[at] ?? 0) ^ 1;
    await untrusted({ ...release, tarball: altered }, "tarball", `byte ${at}`);
  }
  await untrusted({ ...release, tarball: tarball.subarray(0, -1) }, "tarball");
  await untrusted({ ...release, tarball: Buffer.concat([tarball, Buffer.alloc(1)]) }, "tarball");
  await untrusted({ ...release, tarball: Buffer.alloc(0) }, "tarball");
});

test("genuine parts of different releases do not make a release", async () => {
  const { release, next, other } = await publishThree();
  const { signatures } = release;

  await untrusted({ ...release, tarball: next.tarball }, "tarball");
  await untrusted(
    { ...release, signatures: { ...signatures, publisher: next.signatures.publisher } },
    "publisher-signature",
  );
  await untrusted(
    { ...release, signatures: { ...signatures, registry: next.signatures.registry } },
    "publisher-signature",
  );
  await untrusted(
    { ...release, signatures: { ...signatures, delegation: other.signatures.delegation } },
    "delegation",
  );
  await untrusted(
    { ...release, signatures: { ...signatures, publisher: other.signatures.publisher } },
    "publisher-signature",
  );
  // One kind of statement never stands for another, even under the same key.
  await untrusted(
    { ...release, signatures: { ...signatures, registry: signatures.delegation } },
    "registry-signature",
  );
  await untrusted(
    { ...release, signatures: { ...signatures, delegation: signatures.registry } },
    "delegation",
  );
});

test("a genuine release is refused where another one was asked for", async () => {
  const { release, next } = await publishThree();
  const { sha512 } = await readPackage(release.tarball);

  await verifyRelease({ ...release, expected: { id: "acme/echo", version: "1.0.0", sha512 } });
  await untrusted({ ...release, expected: { id: "acme/other", version: "1.0.0" } }, "identity");
  await untrusted({ ...next, expected: { id: "acme/echo", version: "1.0.0" } }, "identity");
  await untrusted(
    { ...release, expected: { id: "acme/echo", version: "1.0.0", sha512: "0".repeat(128) } },
    "identity",
  );
});

test("the keys of another registry vouch for nothing", async () => {
  const { release } = await publishThree();
  const { publicJwk } = await generateSigningKey();

  await untrusted({ ...release, trust: { onlineKeys: [publicJwk] } }, "registry-signature");
  await untrusted({ ...release, trust: { onlineKeys: [] } }, "registry-signature");
});

test("what the publisher signed is what the tarball is, to the last member, whoever signed the rest", async () => {
  const { acme } = await publishThree();
  const tarball = await pack({ id: "acme/echo", version: "3.0.0" });
  const { statement } = await readPackage(tarball);
  const [file = ["", 0, ""], ...files] = statement.files;
  const lies: Record<string, object> = {
    "the digest of a file": { files: [[file[0], file[1], "0".repeat(64)], ...files] },
    "the size of a file": { files: [[file[0], file[1] + 1, file[2]], ...files] },
    "the name of a file": { files: [["x", file[1], file[2]], ...files] },
    "one file less": { files },
    "the permissions": { permissions: { binary: { reason: "More" } } },
    "the digest of the manifest": { manifestSha512: "0".repeat(128) },
    "the digest of the tarball": { sha512: "0".repeat(128) },
    "the size of the tarball": { size: tarball.length + 1 },
  };

  await verifyRelease(await vouchFor(acme, tarball, {}));
  for (const [what, lie] of Object.entries(lies)) {
    await untrusted(await vouchFor(acme, tarball, lie), "tarball", what);
  }
  // A statement on another plugin or version, vouched for as such, with this tarball.
  for (const lie of [{ id: "acme/other" }, { version: "4.0.0" }]) {
    await untrusted(await vouchFor(acme, tarball, lie), "tarball", JSON.stringify(lie));
  }
});

test("the registry vouches for one id and version of one publisher", async () => {
  const { acme } = await publishThree();
  const tarball = await pack({ id: "acme/echo", version: "3.0.0" });

  await untrusted(await vouchFor(acme, tarball, {}, { version: "3.0.1" }), "identity");
  await untrusted(await vouchFor(acme, tarball, {}, { id: "acme/other" }), "identity");
  await untrusted(await vouchFor(acme, tarball, {}, { id: "rival/echo" }), "delegation");
  await untrusted(
    await vouchFor(acme, tarball, {}, { publisherJwsSha256: "0".repeat(64) }),
    "publisher-signature",
  );
});

test("a salted place in the index is for a plugin that its publisher calls private, and for no other", async () => {
  const { acme } = await publishThree();
  const open = await pack({ id: "acme/echo", version: "3.0.0" });
  const shut = await pack({ id: "acme/echo", version: "3.0.0", manifest: { private: true } });
  const salt = "5".repeat(64);

  await verifyRelease(await vouchFor(acme, shut, {}, {}, { salt }));
  await untrusted(await vouchFor(acme, open, {}, {}, { salt }), "index", "a second place of a public plugin");
  await untrusted(await vouchFor(acme, shut, {}), "index", "a private plugin under its plain name");
});

/** A registry that signs whatever it is told, so that each check is seen to hold on its own. */
async function vouchFor(
  { name, key }: TestPublisher,
  tarball: Buffer,
  lie: object,
  registryLie: object = {},
  more: { salt?: string } = {},
): Promise<ReleaseToVerify> {
  const registry = await generateSigningKey();
  const { statement } = await readPackage(tarball);
  const signed = { ...statement, ...lie };
  const publisher = await signPublisherStatement(signed, key.privateJwk);
  const at = new Date().toISOString();
  const publisherJwsSha256 = createHash("sha256").update(publisher).digest("hex");
  const registryStatement = {
    publisherJwsSha256,
    id: signed.id,
    version: signed.version,
    seq: 1,
    publishedAt: at,
    scan: {},
    ...registryLie,
  };
  const delegation = { publisher: name, keys: [key.publicJwk], seq: 1, issuedAt: at };
  const signatures = {
    publisher,
    registry: await signStatement(statementTypes.registry, registryStatement, registry),
    delegation: await signStatement(statementTypes.delegation, delegation, registry),
  };
  const { id: plugin, version } = registryStatement;
  const record = {
    plugin,
    ...more,
    delegation: sha256Hex(signatures.delegation),
    versions: [{ version, statement: sha256Hex(signatures.registry) }],
  };
  return {
    tarball,
    signatures: { ...signatures, proof: await proveAlone(record, registry) },
    trust: { onlineKeys: [registry.publicJwk] },
  };
}
