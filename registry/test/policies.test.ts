import assert from "node:assert/strict";
import { test } from "node:test";
import {
  consentToNothing,
  consentToReads,
  consentToWrites,
  publishEcho,
  reads,
  writes,
} from "./support/echo.ts";
import { ask } from "./support/operator.ts";
import { refused } from "./support/refused.ts";
import { hostToken, startRegistry, type TestRegistry, tenant } from "./support/registry.ts";

const open = {
  allow: null,
  deny: [],
  verifiedOnly: false,
  maxPermissions: null,
  approvalRequired: false,
  coolDownHours: 0,
};

function asHost(registry: TestRegistry, of = tenant) {
  const call = <Body = { code: string }>(request: string, json?: object) => {
    const [method, path] = request.split(" ");
    return ask<Body>(registry, `${method} /tenants/${of}${path}`, {
      token: hostToken,
      ...(json && { json }),
    });
  };
  return {
    call,
    async allow(change: Partial<Record<keyof typeof open | "enforce", unknown>>) {
      const { status } = await call("PUT /policy", { policy: { ...open, ...change }, changedBy: "usr_1" });
      assert.equal(status, 200);
    },
  };
}

test("a tenant's policy says no with every rule that is broken, at install and at every change, and to nobody else", async (t) => {
  let now = new Date();
  const registry = await startRegistry(t, { now: () => now });
  const { client, vouchFor } = registry;
  await publishEcho(client, { "1.0.0": {}, "2.0.0": writes });
  const { allow } = asHost(registry);
  const wish = { plugin: "acme/echo", range: "2.0.0", consent: consentToWrites };
  const broken = async () => {
    const refusal = await refused(client.createInstall(tenant, wish), 403, "policy-refused");
    return (refusal.members.breaches as { rule: string }[]).map(({ rule }) => rule);
  };
  const most = {
    hosts: ["*.example.com"],
    methods: ["GET"],
    storageBytes: 0,
    events: false,
    hooks: false,
    binary: false,
  };

  await allow({
    deny: ["acme/*"],
    allow: ["other/*"],
    verifiedOnly: true,
    maxPermissions: most,
    coolDownHours: 24,
  });
  assert.deepEqual(await broken(), ["deny", "allow", "verifiedOnly", "coolDownHours", "maxPermissions"]);
  for (const [change, rule] of [
    [{ deny: ["acme/echo"], allow: ["acme/echo"] }, "deny"],
    [{ allow: ["acme/other", "acm/*"] }, "allow"],
    [{ verifiedOnly: true }, "verifiedOnly"],
    [{ coolDownHours: 1 }, "coolDownHours"],
    [
      { maxPermissions: { ...most, methods: null, hosts: ["example.com", "*.api.example.com"] } },
      "maxPermissions",
    ],
  ] as const) {
    await allow(change);
    assert.deepEqual(await broken(), [rule], JSON.stringify(change));
  }
  await client.createInstall("tnt_b", wish);

  await vouchFor("acme");
  await allow({ allow: ["acme/*"], verifiedOnly: true, maxPermissions: most, coolDownHours: 1 });
  now = new Date(now.getTime() + 2 * 60 * 60 * 1000);
  const { id } = await client.createInstall(tenant, {
    plugin: "acme/echo",
    range: "1.0.0",
    consent: consentToNothing,
  });
  const update = client.updateInstall(tenant, id, { version: "2.0.0", consent: consentToWrites });
  await refused(update, 403, "policy-refused");
  assert.equal((await client.getInstall(tenant, id)).version, "1.0.0", "what runs, runs on");
});

test("of a range it is the newest version that the policy allows, and never one below what the tenant has", async (t) => {
  const registry = await startRegistry(t);
  const { client } = registry;
  await publishEcho(client, { "1.0.0": {}, "1.1.0": reads, "2.0.0": writes });
  const { allow, call } = asHost(registry);
  const bob = asHost(registry, "tnt_b");
  const most = { hosts: null, methods: ["GET"], storageBytes: 0, events: false, hooks: false, binary: false };
  await allow({ maxPermissions: most, approvalRequired: true });
  const asked = await call<{ id: string; version: string }>("POST /approvals", {
    plugin: "acme/echo",
    range: "*",
    reason: "For the books.",
    requestedBy: "usr_1",
  });
  assert.equal(asked.body.version, "1.1.0", "what is asked for is what would be installed");

  await allow({ maxPermissions: most });
  const wish = { plugin: "acme/echo", range: "*", consent: consentToReads };
  const install = await client.createInstall(tenant, wish);
  assert.equal(install.version, "1.1.0");
  const [warning] = install.warnings ?? [];
  assert.equal(warning?.code, "version-passed-over");
  assert.match(warning?.message ?? "", /acme\/echo 2\.0\.0: The method POST is not allowed\./);

  const pinned = client.updateInstall(tenant, install.id, { version: "2.0.0", consent: consentToWrites });
  await refused(pinned, 403, "policy-refused");
  const nothing = { ...most, hosts: [] };
  await allow({ maxPermissions: nothing });
  const moved = await client.updateInstall(tenant, install.id, { range: "*" });
  assert.deepEqual([moved.version, moved.warnings?.[0]?.code], ["1.1.0", "version-passed-over"]);
  await bob.allow({ maxPermissions: nothing });
  const fresh = await client.createInstall("tnt_b", { ...wish, consent: consentToNothing });
  assert.equal(fresh.version, "1.0.0");

  await allow({ maxPermissions: most, deny: ["acme/echo"] });
  await client.removeInstall(tenant, install.id);
  const refusal = await refused(client.createInstall(tenant, wish), 403, "policy-refused");
  assert.equal(refusal.members.version, "2.0.0", "where no other would do, it is the newest that is refused");
});

test("an approval is of a plugin with exactly its permissions, and is one tenant's", async (t) => {
  const registry = await startRegistry(t);
  const { client } = registry;
  await publishEcho(client, { "1.0.0": reads, "1.1.0": reads, "2.0.0": writes });
  const { allow, call } = asHost(registry);
  const others = asHost(registry, "tnt_b");
  await allow({ approvalRequired: true });
  await others.allow({ approvalRequired: true });
  const install = (range: string, consent: string, of = tenant) =>
    client.createInstall(of, { plugin: "acme/echo", range, consent });
  const wish = { plugin: "acme/echo", range: "1.0.0", reason: "For the books.", requestedBy: "usr_1" };

  await refused(install("1.0.0", consentToReads), 403, "approval-required");
  const asked = await call<{ id: string; status: string }>("POST /approvals", wish);
  const again = await call<{ id: string }>("POST /approvals", { ...wish, range: "1.1.0" });
  assert.deepEqual([asked.status, asked.body.status, again.body.id], [201, "requested", asked.body.id]);
  const waiting = await refused(install("1.0.0", consentToReads), 403, "approval-required");
  assert.equal(waiting.members.approvalId, asked.body.id);

  const decision = `POST /approvals/${asked.body.id}/decision`;
  const yes = { decision: "approve", reason: "Fine.", decidedBy: "usr_2" };
  assert.equal((await others.call(decision, yes)).status, 404, "another tenant's is not there");
  assert.deepEqual((await others.call<{ items: object[] }>("GET /approvals")).body.items, []);
  assert.equal((await call(decision, yes)).status, 200);
  assert.deepEqual((await call(decision, yes)).body.code, "approval-decided");

  const { id } = await install("1.0.0", consentToReads);
  await client.updateInstall(tenant, id, { version: "1.1.0" });
  const more = client.updateInstall(tenant, id, { version: "2.0.0", consent: consentToWrites });
  await refused(more, 403, "approval-required");
  await refused(install("1.0.0", consentToReads, "tnt_b"), 403, "approval-required");

  assert.equal((await call(decision, { ...yes, decision: "deny", reason: "No more." })).status, 200);
  await client.removeInstall(tenant, id);
  await refused(install("1.0.0", consentToReads), 403, "approval-required");
  const anew = await call<{ id: string }>("POST /approvals", wish);
  assert.notEqual(anew.body.id, asked.body.id, "what was denied can be asked for again");
});

test("a policy that was changed meanwhile is not overwritten, and hosts alone read and set it", async (t) => {
  const registry = await startRegistry(t);
  const { call } = asHost(registry);
  const set = (version: number, policy: object = open) =>
    call<{ code?: string; version?: number }>("PUT /policy", { policy, changedBy: "usr_1", version });

  assert.equal((await call<{ version: number }>("GET /policy")).body.version, 0);
  const outcomes = await Promise.all([set(0), set(0)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), [200, 409]);
  assert.equal((await set(0)).body.code, "policy-changed");
  assert.equal((await set(1)).body.version, 2);
  for (const deny of [["../*"], ["a"], ["acme/*/x"], ["ACME/x"]]) {
    assert.equal((await set(2, { ...open, deny })).status, 422, deny.join());
  }
  assert.equal((await ask(registry, `GET /tenants/${tenant}/policy`)).status, 401);
});

test("many changes at once wait for each other, and not each for a connection that the others hold", async (t) => {
  const { client } = await startRegistry(t);
  await publishEcho(client, { "1.0.0": {}, "1.1.0": {} });
  // More than the pool has connections.
  const tenants = Array.from({ length: 24 }, (_, index) => `tnt_${index}`);
  const installs = await Promise.all(
    tenants.map((tenantId) =>
      client.createInstall(tenantId, { plugin: "acme/echo", range: "1.0.0", consent: consentToNothing }),
    ),
  );

  const changed = await Promise.all(
    installs.map(({ id }, index) => client.updateInstall(tenants[index] ?? "", id, { version: "1.1.0" })),
  );

  assert.deepEqual([...new Set(changed.map(({ version }) => version))], ["1.1.0"]);
});
