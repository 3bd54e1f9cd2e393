import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import { statementTypes, thumbprint, verifyStatement } from "@plugboard/plugin-sdk/trust";
import { echoContributes } from "./support/plugins.ts";
import { refused } from "./support/refused.ts";
import { onlineKeysOf, registerPublisher, startRegistry } from "./support/registry.ts";

const permissions = { binary: { reason: "Read images" } };

test("a listing tells what the latest version is, and all versions, newest first", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  for (const version of ["1.0.0", "1.10.0", "1.9.0", "2.0.0-beta.1"]) {
    await acme.publish({ name: "echo", version, manifest: { description: `Is ${version}.`, permissions } });
  }

  const { createdAt, updatedAt, versions, ...listing } = await client.getPlugin("acme/echo");

  assert.deepEqual(listing, {
    id: "acme/echo",
    publisher: "acme",
    verified: false,
    version: "1.10.0",
    displayName: "Echo",
    description: "Is 1.10.0.",
    categories: [],
    keywords: [],
    license: "Apache-2.0",
    engines: { plugboard: "^1.0.0" },
    pricing: "free",
    installs: 0,
    rating: { mean: null, count: 0 },
    permissions,
    contributes: echoContributes,
    distTags: { latest: "1.10.0" },
    links: {},
    files: [],
    screenshots: [],
    statistics: {
      installsTotal: 0,
      downloads: 0,
      last30Days: { installs: 0, downloads: 0, days: [] },
    },
    deprecated: null,
  });
  assert.deepEqual(
    versions.map(({ version }) => version),
    ["2.0.0-beta.1", "1.10.0", "1.9.0", "1.0.0"],
  );
  assert.ok(createdAt < updatedAt);
});

test("a plugin that has prereleases alone is listed by the highest of them", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0-beta.2" });
  await acme.publish({ name: "echo", version: "1.0.0-beta.1" });

  const { distTags } = await client.getPlugin("acme/echo");

  assert.equal(distTags.latest, "1.0.0-beta.2");
});

test("a version tells its manifest, its digests, and the consent that agrees to its permissions", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0", manifest: { permissions } });

  const version = await client.getVersion("acme/echo", "1.0.0");

  assert.equal(version.manifest.displayName, "Echo");
  assert.deepEqual(version.permissions, permissions);
  assert.equal(version.consent, consentDigest({ id: "acme/echo", permissions }));
  assert.equal(version.size, (await client.getTarball("acme/echo", "1.0.0")).length);
});

test("what is not published is not found, and what is available is said", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });
  const { getVersion, getTarball, getSignatures } = client;

  for (const get of [getVersion, getTarball, getSignatures]) {
    await refused(get("acme/none", "1.0.0") as Promise<unknown>, 404, "plugin-not-found");
    const { members } = await refused(
      get("acme/echo", "^1.0.0") as Promise<unknown>,
      404,
      "version-not-found",
    );
    assert.deepEqual(members.available, ["1.0.0"]);
  }
});

test("a tarball may be cached for ever, and is not sent again to whoever has it", async (t) => {
  const { client, url } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });
  const tarball = `${url}/registry/v1/plugins/acme/echo/1.0.0/tarball`;

  const first = await get(tarball);
  const head = await fetch(tarball, { method: "HEAD" });
  const second = await get(tarball, { "if-none-match": String(first.headers.etag) });

  const { sha512 } = await client.getVersion("acme/echo", "1.0.0");
  assert.equal(first.headers.etag, `"${sha512}"`);
  assert.equal(first.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.equal(first.headers["content-type"], "application/gzip");
  assert.deepEqual([second.status, second.bytes.length], [304, 0]);
  assert.equal(first.headers["content-length"], String(first.bytes.length));
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, String(first.bytes.length)]);
});

/** As a browser or proxy asks: fetch adds `Cache-Control: no-cache` to whatever has an If-None-Match. */
async function get(url: string, headers: Record<string, string> = {}) {
  const [response] = (await once(request(url, { headers }).end(), "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, bytes: await buffer(response) };
}

test("the root names the keys that the registry's statements verify with", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });

  const { version } = await client.getRoot();
  const keys = await onlineKeysOf(client);
  const signatures = await client.getSignatures("acme/echo", "1.0.0");

  assert.equal(version, 1);
  const delegation = await verifyStatement<{ publisher: string; keys: Parameters<typeof thumbprint>[0][] }>(
    statementTypes.delegation,
    signatures.delegation,
    keys,
  );
  assert.equal(delegation.publisher, "acme");
  assert.deepEqual(await Promise.all(delegation.keys.map(thumbprint)), [acme.key.kid]);
  const release = await verifyStatement<{ id: string; scan: { checks: { name: string; result: string }[] } }>(
    statementTypes.registry,
    signatures.registry,
    keys,
  );
  assert.equal(release.id, "acme/echo");
  const names = release.scan.checks.map(({ name }) => name);
  assert.ok(names.includes("loads-in-sandbox") && names.includes("secrets"), names.join());
  assert.ok(release.scan.checks.every(({ result }) => result === "pass"));
});
