/** Two hosts over one registry: each speaks for its own tenants, whatever token is stolen. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import { createRegistryClient, type RegistryClient } from "@plugboard/registry/client";
import { runOperator } from "../operator/index.ts";
import { ask, asOperator } from "./support/operator.ts";
import { refused } from "./support/refused.ts";
import {
  claimFor,
  operatorToken,
  registerPublisher,
  startRegistry,
  type TestPublisher,
  type TestRegistry,
} from "./support/registry.ts";

const mine = "tnt_of-the-first-host";
const plugin = "acme/echo";
const openPolicy = {
  allow: null,
  deny: [],
  verifiedOnly: false,
  maxPermissions: null,
  approvalRequired: false,
  coolDownHours: 0,
};
const consent = consentDigest({ id: plugin, permissions: {} });

let registry: TestRegistry;
let acme: TestPublisher;
/** The host that the registry was started with, and one that the operator let in. */
let first: RegistryClient;
let berlin: { client: RegistryClient; token: string; id: string };

before(async (t) => {
  registry = await startRegistry(t as never);
  first = registry.client;
  acme = await registerPublisher(first, "acme");
  assert.equal((await acme.publish({ name: "echo", version: "1.0.0" })).status, "published");
  assert.equal((await acme.publish({ name: "echo", version: "1.1.0" })).status, "published");
  const { token, id } = await first.addHost("berlin");
  berlin = { token, id, client: createRegistryClient({ baseUrl: registry.url, hostToken: token }) };
});

/** Types a command of the operator's. */
async function type(...args: string[]) {
  const printed: string[] = [];
  const say = (text: string) => void printed.push(text);
  const env = { PLUGBOARD_REGISTRY_URL: registry.url, PLUGBOARD_REGISTRY_OPERATOR_TOKEN: operatorToken };
  const code = await runOperator(args, { env, out: say, err: say });
  return { code, printed: printed.join("") };
}

test("another host's token does nothing with a tenant, and learns nothing of it", async (t) => {
  const { id } = await first.createInstall(mine, { plugin, range: "1.0.0", consent });
  const claim = await claimFor("acme", acme.key, { audience: `plugboard-tenant:${mine}` });
  await first.linkPublisher(mine, "acme", claim);
  const { status } = await acme.publish({ name: "secret", version: "1.0.0", manifest: { private: true } });
  assert.equal(status, "published");
  assert.equal((await first.getPlugin("acme/secret", mine)).id, "acme/secret");

  const author = "a".repeat(43);
  const review = { tenantId: mine, author, rating: 1, title: "Bad", body: "Very bad." };
  const attacks: [string, object?][] = [
    [`POST /tenants/${mine}/installs`, { plugin, consent }],
    [`GET /tenants/${mine}/installs`],
    [`GET /tenants/${mine}/installs/${id}`],
    [`GET /tenants/${mine}/installs/ins_${"0".repeat(32)}`],
    [`PATCH /tenants/${mine}/installs/${id}`, { range: "1.1.0", consent }],
    [`DELETE /tenants/${mine}/installs/${id}`],
    [`GET /tenants/${mine}/policy`],
    [`PUT /tenants/${mine}/policy`, { version: 0, changedBy: "eve", policy: openPolicy }],
    [`GET /tenants/${mine}/approvals`],
    [`GET /tenants/${mine}/publishers`],
    [`PUT /tenants/${mine}/publishers/acme`, { claim }],
    [`DELETE /tenants/${mine}/publishers/acme`],
    [`GET /tenants/${mine}/purchases`],
    [`GET /tenants/${mine}/entitlements/acme/echo`],
    [`GET /tenants/${mine}/usage?period=2026-01`],
    [`GET /tenants/${mine}/reviews?author=${author}`],
    ["POST /plugins/acme/echo/reviews", review],
    [`GET /plugins/acme/secret?tenantId=${mine}`],
    [`GET /plugins/acme/secret/1.0.0/tarball?tenantId=${mine}`],
    [`GET /plugins/acme/nothing?tenantId=${mine}`],
    [`GET /-/search?q=secret&tenantId=${mine}`],
    [`GET /log/1?tenantId=${mine}`],
  ];
  for (const [request, json] of attacks) {
    await t.test(request, async () => {
      const { status, body } = await ask<{ code: string }>(registry, request, {
        token: berlin.token,
        ...(json && { json }),
      });
      assert.deepEqual([status, body.code], [403, "tenant-of-another-host"]);
    });
  }
  const checked = await berlin.client.checkUpdates({
    plugin,
    hostVersion: "1.0.0",
    installs: [{ id, tenantId: mine, channel: "minor" }],
  });
  assert.deepEqual(checked, []);
  const [update] = await first.checkUpdates({
    plugin,
    hostVersion: "1.0.0",
    installs: [{ id, tenantId: mine, channel: "minor" }],
  });
  assert.equal(update?.automatic, "1.1.0", "its own host hears of it");
  assert.equal((await first.getInstall(mine, id)).version, "1.0.0");
});

test("whoever reads first has not claimed a tenant, whoever changes something has", async () => {
  const tenantId = "tnt_new";
  assert.deepEqual(await berlin.client.listInstalls(tenantId), []);
  await first.createInstall(tenantId, { plugin, consent });
  await refused(berlin.client.createInstall(tenantId, { plugin, consent }), 403, "tenant-of-another-host");
});

test("of two hosts that speak for a new tenant at once, one gets it", async () => {
  const tenantId = "tnt_race";
  const tries = [first, berlin.client, first, berlin.client].map((client) =>
    client.setPolicy(tenantId, { version: 0, changedBy: "me", policy: openPolicy }),
  );
  const codes = (await Promise.allSettled(tries)).map((tried) =>
    tried.status === "fulfilled" ? "done" : (tried.reason as { code: string }).code,
  );
  assert.equal(codes.filter((code) => code === "done").length, 1);
  assert.equal(codes.filter((code) => code === "tenant-of-another-host").length, 2);
});

test("the operator moves a tenant; the host before reaches it no more, and the reason is kept", async () => {
  const tenantId = "tnt_moving";
  const { id } = await berlin.client.createInstall(tenantId, { plugin, consent });
  await refused(first.getInstall(tenantId, id), 403, "tenant-of-another-host");

  const moved = await type("tenant", "move", tenantId, "--to", "default", "--reason", "One host less.");
  assert.equal(moved.code, 0, moved.printed);
  assert.equal((await first.getInstall(tenantId, id)).id, id);
  await refused(berlin.client.getInstall(tenantId, id), 403, "tenant-of-another-host");

  const { printed } = await type("tenant", "show", tenantId);
  assert.match(printed, /is of default since/);
  assert.match(printed, /berlin → default: "One host less."/);
  const again = await type("tenant", "move", tenantId, "--to", "nowhere", "--reason", "?");
  assert.deepEqual([again.code, /no host "nowhere"/.test(again.printed)], [1, true]);
  assert.equal((await asOperator(registry, `GET /tenants/tnt_unknown/host`)).status, 404);
});

test("a tenant can be given to a host before it has spoken for it", async () => {
  const tenantId = "tnt_beforehand";
  await first.moveTenant(tenantId, { host: "berlin", reason: "It comes from another registry." });
  await refused(first.createInstall(tenantId, { plugin, consent }), 403, "tenant-of-another-host");
  await berlin.client.createInstall(tenantId, { plugin, consent });
});

test("a stolen token is revoked, and its host goes on with another", async () => {
  const tenantId = "tnt_of-oslo";
  const stolen = await first.addHost("oslo");
  const thief = createRegistryClient({ baseUrl: registry.url, hostToken: stolen.token });
  const { id } = await thief.createInstall(tenantId, { plugin, consent });

  const next = await first.addHostToken("oslo");
  const oslo = createRegistryClient({ baseUrl: registry.url, hostToken: next.token });
  assert.equal((await type("host", "revoke-token", "oslo", stolen.id)).code, 0);
  await refused(thief.getInstall(tenantId, id), 401, "unauthorized");
  await refused(thief.search({}, tenantId), 401, "unauthorized");
  assert.equal((await oslo.getInstall(tenantId, id)).id, id);

  const { printed } = await type("host", "list");
  assert.match(printed, new RegExp(`${stolen.id} .*revoked`));
  assert.ok(!printed.includes(stolen.token) && !printed.includes(next.token));
  await refused(first.revokeHostToken("berlin", stolen.id), 404, "host-token-not-found");
  await refused(first.addHost("oslo"), 409, "host-name-taken");
  await refused(first.addHostToken("nowhere"), 404, "host-not-found");
});

test("a host's token is none of the operator's", async () => {
  const requests: [string, object?][] = [
    ["POST /host-accounts", { name: "more" }],
    ["GET /host-accounts"],
    [`PUT /tenants/${mine}/host`, { host: "berlin", reason: "I want it." }],
  ];
  for (const [request, json] of requests) {
    const { status } = await ask(registry, request, { token: berlin.token, ...(json && { json }) });
    assert.equal(status, 403, request);
  }
});
