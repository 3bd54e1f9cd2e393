import assert from "node:assert/strict";
import { test } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import { type Receipt, statementTypes, verifyStatement } from "@plugboard/plugin-sdk/trust";
import { createRegistryClient } from "@plugboard/registry/client";
import { consentToNothing, consentToReads, consentToWrites, publishEcho, reads } from "./support/echo.ts";
import { refused } from "./support/refused.ts";
import { hostToken, onlineKeysOf, registerPublisher, startRegistry, tenant } from "./support/registry.ts";

test("an install without consent is refused with what is asked for and what agrees to it", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads });

  const { members } = await refused(
    client.createInstall(tenant, { plugin: "acme/echo" }),
    409,
    "consent-required",
  );

  const { plugin, version, permissions, added, removed, consent } = members;
  assert.deepEqual(
    { plugin, version, permissions, added, removed, consent },
    {
      plugin: "acme/echo",
      version: "1.0.0",
      permissions: reads,
      added: [{ permission: "network", value: "GET api.example.com", reason: "Read customers" }],
      removed: [],
      consent: consentToReads,
    },
  );
  assert.deepEqual(await client.listInstalls(tenant), []);
});

test("an install with the right consent is recorded and answered with a receipt of the registry", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads });

  const install = await client.createInstall(tenant, { plugin: "acme/echo", consent: consentToReads });

  assert.match(install.id, /^ins_[0-9a-f]{32}$/);
  assert.deepEqual([install.plugin, install.version, install.status], ["acme/echo", "1.0.0", "active"]);
  const keys = await onlineKeysOf(client);
  const receipt = await verifyStatement<Receipt>(statementTypes.receipt, install.receipt, keys);
  const { sha512 } = await client.getVersion("acme/echo", "1.0.0");
  assert.deepEqual(receipt, {
    installId: install.id,
    tenantId: tenant,
    plugin: "acme/echo",
    version: "1.0.0",
    tarballSha512: sha512,
    consent: consentToReads,
    // After the root, the delegation and the release.
    seq: 3,
    issuedAt: install.createdAt,
  });
  assert.deepEqual(await client.listInstalls(tenant), [install]);
});

test("a consent is for one plugin and one set of permissions exactly", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads });
  const others = [consentToNothing, consentToWrites, consentDigest({ id: "acme/other", permissions: reads })];

  for (const consent of others) {
    const wish = { plugin: "acme/echo", consent };
    await refused(client.createInstall(tenant, wish), 409, "consent-required");
  }
});

test("a plugin that asks for nothing still needs a yes to exactly that", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": {} });

  await refused(client.createInstall(tenant, { plugin: "acme/echo" }), 409, "consent-required");

  const install = await client.createInstall(tenant, { plugin: "acme/echo", consent: consentToNothing });
  assert.equal(install.status, "active");
});

test("the highest version in the range is taken, a prerelease only if the range names one", async (t) => {
  const { client } = await startRegistry(t);
  const all = ["1.0.0", "1.2.0", "1.10.0", "2.0.0", "3.0.0-beta.1"];
  await publishEcho(client, Object.fromEntries(all.map((version) => [version, {}])));
  const expected: Record<string, string> = {
    "^1.0.0": "1.10.0",
    "~1.2.0": "1.2.0",
    "1.0.0": "1.0.0",
    "*": "2.0.0",
    ">=3.0.0-alpha": "3.0.0-beta.1",
    "1.x || >=5": "1.10.0",
  };

  for (const [range, version] of Object.entries(expected)) {
    const wish = { plugin: "acme/echo", range, consent: consentToNothing };
    const install = await client.createInstall(tenant, wish);
    assert.equal(install.version, version, range);
    await client.removeInstall(tenant, install.id);
  }
  const wish = { plugin: "acme/echo", range: "^4.0.0", consent: consentToNothing };
  const { members } = await refused(client.createInstall(tenant, wish), 422, "no-matching-version");
  assert.deepEqual(members.available, ["3.0.0-beta.1", "2.0.0", "1.10.0", "1.2.0", "1.0.0"]);
});

test("an unknown plugin and an unreadable range are refused", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": {} });

  await refused(client.createInstall(tenant, { plugin: "acme/none" }), 404, "plugin-not-found");
  await refused(
    client.createInstall(tenant, { plugin: "acme/echo", range: "latest!" }),
    422,
    "invalid-request",
  );
  await refused(client.createInstall(tenant, { plugin: "acme/echo", range: "" }), 422, "invalid-request");
});

test("a tenant has a plugin once, also when it is asked for many times at once", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": {} });
  const wish = { plugin: "acme/echo", consent: consentToNothing };

  const attempts = await Promise.allSettled(
    Array.from({ length: 6 }, () => client.createInstall(tenant, wish)),
  );

  const installed = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
  assert.equal(installed.length, 1);
  const { members } = await refused(client.createInstall(tenant, wish), 409, "already-installed");
  assert.equal(members.installId, installed[0]?.id);
});

test("an uninstalled plugin keeps its history and can be installed again", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads });
  const wish = { plugin: "acme/echo", consent: consentToReads };
  const first = await client.createInstall(tenant, wish);

  await client.removeInstall(tenant, first.id);
  await client.removeInstall(tenant, first.id);

  assert.deepEqual(await client.listInstalls(tenant), []);
  const kept = await client.listInstalls(tenant, { status: "uninstalled" });
  assert.deepEqual(
    kept.map(({ id, status }) => [id, status]),
    [[first.id, "uninstalled"]],
  );
  const { history } = await client.getInstall(tenant, first.id);
  assert.deepEqual(
    history.map(({ change }) => change),
    ["installed", "uninstalled"],
  );
  await refused(client.updateInstall(tenant, first.id, { range: "*" }), 409, "install-ended");
  const second = await client.createInstall(tenant, wish);
  assert.notEqual(second.id, first.id);
});

test("another tenant's installs are not there", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": {} });
  const wish = { plugin: "acme/echo", consent: consentToNothing };
  const { id } = await client.createInstall("tnt_a", wish);

  assert.deepEqual(await client.listInstalls("tnt_b"), []);
  await refused(client.getInstall("tnt_b", id), 404, "install-not-found");
  await refused(client.updateInstall("tnt_b", id, { range: "*" }), 404, "install-not-found");
  await refused(client.removeInstall("tnt_b", id), 404, "install-not-found");
  assert.equal((await client.createInstall("tnt_b", wish)).status, "active");
});

test("all pages of a tenant's installs are listed, oldest first", async (t) => {
  const { client, url } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const names = ["one", "two", "three"];
  for (const name of names) await acme.publish({ name, version: "1.0.0" });
  for (const name of names) {
    const plugin = `acme/${name}`;
    await client.createInstall(tenant, { plugin, consent: consentDigest({ id: plugin, permissions: {} }) });
  }

  const pages: string[][] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = cursor === "" ? "?limit=2" : `?limit=2&cursor=${cursor}`;
    const page = await fetchInstalls(url, query);
    pages.push(page.items.map(({ plugin }) => plugin));
    cursor = page.nextCursor;
  }

  assert.deepEqual(pages, [["acme/one", "acme/two"], ["acme/three"]]);
  assert.equal((await client.listInstalls(tenant)).length, 3);
});

async function fetchInstalls(url: string, query: string) {
  const response = await fetch(`${url}/registry/v1/tenants/${tenant}/installs${query}`, {
    headers: { authorization: `Bearer ${hostToken}` },
  });
  return (await response.json()) as { items: { plugin: string }[]; nextCursor: string | null };
}

test("installs are for hosts: no token, a wrong one and another scheme are refused", async (t) => {
  const { url } = await startRegistry(t);
  const installs = `${url}/registry/v1/tenants/${tenant}/installs`;
  const wrong = [{}, { authorization: "Bearer pbh_wrong" }, { authorization: "Basic cGJoOng=" }];

  for (const headers of wrong) {
    for (const method of ["GET", "POST"]) {
      const response = await fetch(installs, { method, headers });
      assert.equal(response.status, 401);
      assert.equal(response.headers.get("www-authenticate"), "Bearer");
      assert.equal(((await response.json()) as { code: string }).code, "unauthorized");
    }
  }
  const stranger = createRegistryClient({ baseUrl: url, hostToken: "pbh_wrong" });
  await refused(stranger.listInstalls(tenant), 401, "unauthorized");
});

test("a tenant's name that is no name is refused", async (t) => {
  const { client } = await startRegistry(t);

  for (const name of ["a b", "-a", "a/b", "x".repeat(129), "é"]) {
    await refused(client.listInstalls(name), 422, "invalid-request");
  }
});
