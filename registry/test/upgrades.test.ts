import assert from "node:assert/strict";
import { test } from "node:test";
import { type Receipt, statementTypes, verifyStatement } from "@plugboard/plugin-sdk/trust";
import {
  consentToNothing,
  consentToReads,
  consentToWrites,
  publishEcho,
  reads,
  writes,
} from "./support/echo.ts";
import { asOperator } from "./support/operator.ts";
import { refused } from "./support/refused.ts";
import { onlineKeysOf, startRegistry, tenant } from "./support/registry.ts";

test("an upgrade that asks for the same needs no new yes", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads, "1.1.0": reads });
  const { id } = await client.createInstall(tenant, {
    plugin: "acme/echo",
    range: "1.0.0",
    consent: consentToReads,
  });

  const upgraded = await client.updateInstall(tenant, id, { range: "^1.0.0" });

  assert.deepEqual([upgraded.id, upgraded.version, upgraded.consent], [id, "1.1.0", consentToReads]);
  const keys = await onlineKeysOf(client);
  const receipt = await verifyStatement<Receipt>(statementTypes.receipt, upgraded.receipt, keys);
  assert.deepEqual([receipt.installId, receipt.version], [id, "1.1.0"]);
});

test("an upgrade that asks for more waits for consent while the old version stays", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads, "2.0.0": writes });
  const before = await client.createInstall(tenant, {
    plugin: "acme/echo",
    range: "^1.0.0",
    consent: consentToReads,
  });

  const { members } = await refused(
    client.updateInstall(tenant, before.id, { version: "2.0.0" }),
    409,
    "consent-required",
  );

  assert.deepEqual(members.added, [
    { permission: "network", value: "POST api.example.com", reason: "Write customers" },
  ]);
  assert.deepEqual(members.removed, []);
  assert.deepEqual(await client.listInstalls(tenant), [before]);
  const stale = { version: "2.0.0", consent: consentToReads };
  await refused(client.updateInstall(tenant, before.id, stale), 409, "consent-required");

  const consent = String(members.consent);
  const upgraded = await client.updateInstall(tenant, before.id, { version: "2.0.0", consent });
  assert.deepEqual([upgraded.version, upgraded.consent], ["2.0.0", consentToWrites]);
});

test("a roll-back to what was agreed to before needs no new yes, and is told from an upgrade", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads, "2.0.0": writes });
  const wish = { plugin: "acme/echo", range: "1.0.0", consent: consentToReads };
  const { id } = await client.createInstall(tenant, wish);
  await client.updateInstall(tenant, id, { version: "2.0.0", consent: consentToWrites });

  const rolledBack = await client.updateInstall(tenant, id, { version: "1.0.0" });

  assert.deepEqual([rolledBack.version, rolledBack.consent], ["1.0.0", consentToReads]);
  const { history } = await client.getInstall(tenant, id);
  assert.deepEqual(
    history.map(({ change, version, consent }) => [change, version, consent]),
    [
      ["installed", "1.0.0", consentToReads],
      ["upgraded", "2.0.0", consentToWrites],
      ["rolled-back", "1.0.0", consentToReads],
    ],
  );
});

test("a change that the host could not carry out is taken back, whatever was said of the version before since", async (t) => {
  const registry = await startRegistry(t);
  const { client } = registry;
  await publishEcho(client, { "0.9.0": reads, "1.0.0": reads, "2.0.0": reads });
  const wish = { plugin: "acme/echo", range: "0.9.0", consent: consentToReads };
  const { id } = await client.createInstall(tenant, wish);
  await client.updateInstall(tenant, id, { version: "1.0.0" });
  await client.updateInstall(tenant, id, { version: "2.0.0" });
  for (const version of ["0.9.0", "1.0.0"]) {
    await asOperator(registry, `PUT /plugins/acme/echo/${version}/block`, { reason: "Unsafe." });
  }
  const back = { version: "1.0.0", consent: consentToReads, ifVersion: "2.0.0" };

  await refused(client.updateInstall(tenant, id, back), 403, "version-blocked");
  const further = { ...back, version: "0.9.0", setsBack: true };
  await refused(client.updateInstall(tenant, id, further), 403, "version-blocked");
  await refused(
    client.updateInstall(tenant, id, { version: "1.0.0", setsBack: true }),
    403,
    "version-blocked",
  );
  assert.equal((await client.updateInstall(tenant, id, { ...back, setsBack: true })).version, "1.0.0");
  assert.equal((await client.updateInstall(tenant, id, { version: "2.0.0" })).version, "2.0.0");
});

test("what a tenant agreed to in one install does not count in the next", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads, "2.0.0": writes });
  const first = await client.createInstall(tenant, { plugin: "acme/echo", consent: consentToWrites });
  await client.removeInstall(tenant, first.id);
  const wish = { plugin: "acme/echo", range: "^1.0.0", consent: consentToReads };
  const second = await client.createInstall(tenant, wish);

  await refused(client.updateInstall(tenant, second.id, { version: "2.0.0" }), 409, "consent-required");
});

test("asking for the version that runs changes nothing", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": reads });
  const install = await client.createInstall(tenant, { plugin: "acme/echo", consent: consentToReads });

  assert.deepEqual(await client.updateInstall(tenant, install.id, { range: "*" }), install);
});

test("a change names one of range and version, in a form that can be read", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": {} });
  const wish = { plugin: "acme/echo", consent: consentToNothing };
  const { id } = await client.createInstall(tenant, wish);

  for (const change of [{}, { range: "*", version: "1.0.0" }, { version: "^1.0.0" }, { range: "so so" }]) {
    await refused(client.updateInstall(tenant, id, change), 422, "invalid-request");
  }
  await refused(client.updateInstall(tenant, id, { version: "7.0.0" }), 422, "no-matching-version");
});

test("a change that a host did not carry out is taken back, whatever became of the version before", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": {}, "2.0.0": {}, "3.0.0": {} });
  const { id } = await client.createInstall(tenant, {
    plugin: "acme/echo",
    range: "1.0.0",
    consent: consentToNothing,
  });
  await client.updateInstall(tenant, id, { range: "2.0.0" });
  for (const version of ["1.0.0", "3.0.0"])
    await client.blockVersion("acme/echo", version, "It was found out.");
  const back = { version: "1.0.0", consent: consentToNothing, ifVersion: "2.0.0" };
  await refused(client.updateInstall(tenant, id, back), 403, "version-blocked");
  const elsewhere = { version: "3.0.0", ifVersion: "2.0.0", setsBack: true };
  await refused(client.updateInstall(tenant, id, elsewhere), 403, "version-blocked");
  await refused(
    client.updateInstall(tenant, id, { ...back, ifVersion: "3.0.0", setsBack: true }),
    409,
    "install-changed",
  );
  assert.equal((await client.updateInstall(tenant, id, { ...back, setsBack: true })).version, "1.0.0");
});
