import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { readPackage } from "@plugboard/plugin-sdk/package";
import { generateSigningKey } from "@plugboard/plugin-sdk/trust";
import { verifyRelease } from "@plugboard/registry/client";
import { echoCode, pack, sign, signPublisherStatement } from "./support/plugins.ts";
import { pointersOf, refused } from "./support/refused.ts";
import { onlineKeysOf, registerPublisher, startRegistry } from "./support/registry.ts";

test("a signed package is accepted, validated, signed by the registry and handed out as it came", async (t) => {
  const { client } = await startRegistry(t);
  const { key } = await registerPublisher(client, "acme");
  const tarball = await pack({ id: "acme/echo", version: "1.0.0" });

  const accepted = await client.publish(await sign(tarball, key.privateJwk));
  const publication = await client.waitForPublication(accepted.id);

  assert.deepEqual(
    [accepted.status, accepted.plugin, accepted.version],
    ["validating", "acme/echo", "1.0.0"],
  );
  assert.deepEqual([publication.status, publication.problems], ["published", []]);
  const fetched = await client.getTarball("acme/echo", "1.0.0");
  assert.deepEqual(fetched, tarball);
  const content = await verifyRelease({
    tarball: fetched,
    signatures: await client.getSignatures("acme/echo", "1.0.0"),
    trust: { onlineKeys: await onlineKeysOf(client) },
    expected: { id: "acme/echo", version: "1.0.0" },
  });
  assert.equal(content.mainCode, echoCode);
});

test("a large package comes back byte for byte", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const noise = createHash("shake256", { outputLength: 3 * 1024 * 1024 })
    .update("noise")
    .digest();
  const tarball = await pack({
    id: "acme/echo",
    version: "1.0.0",
    files: [{ path: "noise.bin", content: noise }],
  });
  assert.ok(tarball.length > 2 * 1024 * 1024);

  const { id } = await client.publish(await sign(tarball, acme.key.privateJwk));
  await client.waitForPublication(id);

  assert.deepEqual(await client.getTarball("acme/echo", "1.0.0"), tarball);
});

test("nothing is listed before it is published", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");

  const broken = await acme.publish({ name: "echo", version: "1.0.0", code: "throw new Error('no')" });

  assert.equal(broken.status, "rejected");
  await refused(client.getPlugin("acme/echo"), 404, "plugin-not-found");
  await refused(client.getVersion("acme/echo", "1.0.0"), 404, "plugin-not-found");
  assert.deepEqual((await client.search({ q: "echo" })).items, []);
});

test("a published version never changes: the same number is refused for ever", async (t) => {
  const { client } = await startRegistry(t);
  const { key, publish } = await registerPublisher(client, "acme");
  await publish({ name: "echo", version: "1.0.0" });

  const again = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const other = await sign(
    await pack({ id: "acme/echo", version: "1.0.0", manifest: { description: "Another." } }),
    key.privateJwk,
  );

  await refused(client.publish(again), 409, "version-exists");
  await refused(client.publish(other), 409, "version-exists");
});

test("of many publishes of one version at once, exactly one wins", async (t) => {
  const { client } = await startRegistry(t);
  const { key } = await registerPublisher(client, "acme");
  const rivals = await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      const tarball = await pack({
        id: "acme/echo",
        version: "1.0.0",
        manifest: { description: `Rival ${n}.` },
      });
      return { n, ...(await sign(tarball, key.privateJwk)) };
    }),
  );

  const outcomes = await Promise.allSettled(rivals.map((rival) => client.publish(rival)));

  const won = outcomes.flatMap((outcome, n) =>
    outcome.status === "fulfilled" ? [{ n, ...outcome.value }] : [],
  );
  assert.equal(won.length, 1);
  const [winner] = won;
  assert.ok(winner);
  assert.equal((await client.waitForPublication(winner.id)).status, "published");
  const { manifest } = await client.getVersion("acme/echo", "1.0.0");
  assert.equal(manifest.description, `Rival ${winner.n}.`);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") assert.equal(outcome.reason.code, "version-exists");
  }
});

test("releases have places in the log one after the other, also when they are published at once", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const versions = ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"];

  await Promise.all([
    ...versions.map((version) => acme.publish({ name: "echo", version })),
    acme.publish({ name: "echo", version: "2.0.0", code: "throw new Error('no')" }),
  ]);

  const published = await Promise.all(versions.map((version) => client.getVersion("acme/echo", version)));
  // The log begins with the root and the publisher's delegation.
  assert.deepEqual(published.map(({ seq }) => seq).sort(), [3, 4, 5, 6, 7]);
});

test("a version that was rejected was never handed out, so its number is free again", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0", code: "throw new Error('no')" });

  const second = await acme.publish({ name: "echo", version: "1.0.0" });

  assert.equal(second.status, "published");
});

test("a key that the publisher did not register signs nothing", async (t) => {
  const { client } = await startRegistry(t);
  await registerPublisher(client, "acme");
  const stranger = await generateSigningKey();

  const upload = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), stranger.privateJwk);

  await refused(client.publish(upload), 403, "publisher-key-unknown");
});

test("a publisher that nobody registered publishes nothing", async (t) => {
  const { client } = await startRegistry(t);
  const stranger = await generateSigningKey();

  const upload = await sign(await pack({ id: "ghost/echo", version: "1.0.0" }), stranger.privateJwk);

  await refused(client.publish(upload), 403, "publisher-key-unknown");
});

test("one publisher cannot write into another's namespace", async (t) => {
  const { client } = await startRegistry(t);
  await registerPublisher(client, "acme");
  const rival = await registerPublisher(client, "rival");

  const upload = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), rival.key.privateJwk);

  await refused(client.publish(upload), 403, "namespace-forbidden");
});

test("a statement whose signature was altered is refused", async (t) => {
  const { client } = await startRegistry(t);
  const { key } = await registerPublisher(client, "acme");
  const { tarball, statement } = await sign(
    await pack({ id: "acme/echo", version: "1.0.0" }),
    key.privateJwk,
  );
  const [header, payload, signature = ""] = statement.split(".");
  const altered = `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;

  await refused(client.publish({ tarball, statement: altered }), 403, "signature-invalid");
});

test("what is no statement at all is refused", async (t) => {
  const { client } = await startRegistry(t);
  const tarball = await pack({ id: "acme/echo", version: "1.0.0" });

  for (const statement of ["hello", "a.b.c", `${"e30".repeat(10)}.e30.e30`]) {
    await refused(client.publish({ tarball, statement }), 422, "statement-malformed");
  }
});

test("a statement cannot be replayed with another tarball", async (t) => {
  const { client } = await startRegistry(t);
  const { key } = await registerPublisher(client, "acme");
  const mine = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const other = await pack({ id: "acme/echo", version: "1.0.0", code: `${echoCode}\n// and more` });
  const sameSize = Buffer.from(mine.tarball);
  sameSize[40] = (sameSize[40] ?? 0) ^ 1;

  for (const tarball of [other, sameSize, Buffer.concat([mine.tarball, Buffer.alloc(1)])]) {
    await refused(client.publish({ ...mine, tarball }), 422, "statement-mismatch");
  }
});

test("a statement must say what the tarball says, member for member", async (t) => {
  const { client } = await startRegistry(t);
  const { key } = await registerPublisher(client, "acme");
  const tarball = await pack({ id: "acme/echo", version: "1.0.0" });
  const { statement } = await readPackage(tarball);
  const [firstFile = ["", 0, ""], ...otherFiles] = statement.files;
  const lies = {
    "/id": { id: "acme/other" },
    "/version": { version: "1.0.1" },
    "/permissions": { permissions: { storage: { maxBytes: 1, reason: "More" } } },
    "/manifestSha512": { manifestSha512: "0".repeat(128) },
    "/files": {
      files: [[firstFile[0], firstFile[1] + 1, firstFile[2]], ...otherFiles] as typeof statement.files,
    },
  };

  for (const [pointer, lie] of Object.entries(lies)) {
    const signed = await signPublisherStatement({ ...statement, ...lie }, key.privateJwk);
    const upload = { tarball, statement: signed };
    assert.deepEqual(pointersOf(await refused(client.publish(upload), 422, "statement-mismatch")), [pointer]);
  }
});
