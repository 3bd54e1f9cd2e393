/**
 * What a registry says reaches the calls of tenants: attacks on the way between host and registry, and a version that
 * is blocked while it runs.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { createRegistryClient } from "@plugboard/registry/client";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import {
  hostToken,
  operatorToken,
  startTamperingProxy,
  startTestRegistry,
  type Tamper,
} from "../support/registry.ts";

const actions = {
  echo: { run: "return input;" },
  wait: { run: "await new Promise((done) => setTimeout(done, 60_000)); return input;" },
};

test("a host believes no registry that goes back, mixes, or lies about its index, and runs on", async (t) => {
  const registry = await startTestRegistry(t);
  const proxy = await startTamperingProxy(t, registry.address);
  const host = await startTestHost(t, {
    isolation: "thread",
    registry: { url: proxy.address, token: hostToken },
  });
  const publisher = await registerPublisher(registry.address, "acme");
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", actions });
  const tenant = await host.tenant();
  const { connectionId, installId } = await connect(tenant, "acme/echo");
  const honest: Tamper = (_, body) => body;

  /** Everything that the registry answers, as it was when this was called. */
  const answers = new Map<string, Buffer>();
  const signaturesPath = "/registry/v1/plugins/acme/echo/1.0.0/signatures";
  for (const path of [
    "/registry/v1/root",
    "/registry/v1/checkpoint",
    "/registry/v1/revocations",
    signaturesPath,
  ]) {
    answers.set(path, Buffer.from(await (await fetch(`${registry.address}${path}`)).arrayBuffer()));
  }
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", version: "1.0.1", actions });
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", version: "1.0.2", actions });

  const upgrade = async (range: string) => {
    const answer = await tenant.api.patch(`/api/v1/installs/${installId}`, { range });
    return [answer.status, answer.body.code ?? answer.body.version];
  };
  const call = async () => {
    const answer = await tenant.api.post(`/api/v1/connections/${connectionId}/actions/echo`, {
      input: { n: 1 },
    });
    return answer.body.output;
  };
  assert.deepEqual(await upgrade("1.0.1"), [200, "1.0.1"]);

  await t.test("rollback: all it says is of earlier", async () => {
    proxy.tamper = (path, body) => answers.get(path) ?? body;
    assert.deepEqual(await upgrade("1.0.2"), [502, "registry-not-trusted"]);
    assert.deepEqual(await call(), { n: 1 });
  });

  await t.test("mix and match: an old proof for a release, among answers of now", async () => {
    const stranger = await host.tenant();
    proxy.tamper = (path, body) => (path === signaturesPath ? (answers.get(path) ?? body) : body);
    const asked = await stranger.api.post("/api/v1/installs", { plugin: "acme/echo", range: "1.0.0" });
    const wish = { plugin: "acme/echo", range: "1.0.0", consent: asked.body.consent };
    // This host has the release, and what it verified once is good; one that has not takes no proof of earlier.
    const another = await startTestHost(t, {
      isolation: "thread",
      registry: { url: proxy.address, token: hostToken },
    });
    const there = await another.tenant();
    const answer = await there.api.post("/api/v1/installs", wish);
    assert.deepEqual([answer.status, answer.body.code], [502, "registry-not-trusted"]);
  });

  await t.test("tampered index: a record that says otherwise", async () => {
    proxy.tamper = (path, body) => {
      if (!path.endsWith("/1.0.2/signatures")) return body;
      const answer = JSON.parse(body.toString());
      const record = JSON.parse(answer.proof.record);
      record.versions = record.versions.filter(({ version }: { version: string }) => version === "1.0.2");
      answer.proof.record = JSON.stringify(record);
      return Buffer.from(JSON.stringify(answer));
    };
    assert.deepEqual(await upgrade("1.0.2"), [502, "release-not-trusted"]);
    assert.deepEqual(await call(), { n: 1 });
  });

  await t.test("and honest again, it is believed again", async () => {
    proxy.tamper = honest;
    assert.deepEqual(await upgrade("1.0.2"), [200, "1.0.2"]);
  });
});

test("a version that is blocked is stopped where it runs, calls under way too, and not taken up again", async (t) => {
  const registry = await startTestRegistry(t);
  const host = await startTestHost(t, {
    registry: { url: registry.address, token: hostToken },
    trust: { refreshMs: 200 },
  });
  const publisher = await registerPublisher(registry.address, "acme");
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", actions });
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", version: "1.0.1", actions });
  const tenant = await host.tenant();
  const { connectionId, installId } = await connect(tenant, "acme/echo", { range: "1.0.0" });
  const call = (action: string) =>
    tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input: { n: 1 } });
  assert.equal((await call("echo")).status, 200);
  const waiting = call("wait");

  const operator = createRegistryClient({ baseUrl: registry.address, operatorToken });
  await operator.blockVersion("acme/echo", "1.0.0", "It was found to send data elsewhere.");

  const ended = await waiting;
  assert.notEqual(ended.status, 200, "the call under way was ended long before its minute was over");
  const refused = await call("echo");
  assert.deepEqual(
    [refused.status, refused.body.code],
    [403, "release-blocked"],
    JSON.stringify(refused.body),
  );
  const install = await tenant.api.get(`/api/v1/installs/${installId}`);
  assert.deepEqual(install.body.blocked, { reason: "It was found to send data elsewhere." });

  const moved = await tenant.api.patch(`/api/v1/installs/${installId}`, { range: "1.0.1" });
  assert.deepEqual([moved.status, moved.body.version, moved.body.blocked], [200, "1.0.1", null]);
  assert.equal((await call("echo")).status, 200);
  const back = await tenant.api.patch(`/api/v1/installs/${installId}`, { range: "1.0.0" });
  assert.deepEqual([back.status, back.body.code], [403, "release-blocked"]);
});
