/** Requests about one install that meet: an uninstall stays one, a disabled install stays disabled. */
import assert from "node:assert/strict";
import test from "node:test";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import { hostToken, startTamperingProxy, startTestRegistry } from "../support/registry.ts";

const actions = { echo: { run: "return input;" } };

/** A host whose registry's word on an upgrade arrives only after something else was done. */
async function startUpgrading(t: test.TestContext) {
  const registry = await startTestRegistry(t);
  const publisher = await registerPublisher(registry.address, "acme");
  for (const version of ["1.0.0", "1.1.0"])
    await publishTestPlugin(registry.address, publisher, { id: "acme/echo", version, actions });
  const proxy = await startTamperingProxy(t, registry.address);
  const host = await startTestHost(t, {
    isolation: "thread",
    registry: { url: proxy.address, token: hostToken },
  });
  const tenant = await host.tenant();
  const { installId, connectionId } = await connect(tenant, "acme/echo", { range: "1.0.0" });
  const path = `/api/v1/installs/${installId}`;
  return {
    tenant,
    path,
    connectionId,
    async upgradeWhile(work: () => Promise<unknown>) {
      proxy.tamper = async (url, body) => {
        if (url.endsWith(`/installs/${installId}`) && body.includes('"1.1.0"')) {
          proxy.tamper = (_, untouched) => untouched;
          await work();
        }
        return body;
      };
      return tenant.api.patch(path, { range: "1.1.0" });
    },
  };
}

test("an uninstall waits for an upgrade that is under way", async (t) => {
  const { tenant, path, connectionId, upgradeWhile } = await startUpgrading(t);
  await tenant.api.delete(`/api/v1/connections/${connectionId}`);
  let refused: unknown;
  const upgrade = await upgradeWhile(async () => {
    refused = (await tenant.api.delete(path)).body.code;
  });
  assert.equal(refused, "install-changing");
  assert.equal(upgrade.body.version, "1.1.0", JSON.stringify(upgrade.body));
  assert.equal((await tenant.api.delete(path)).status, 204);
  assert.deepEqual((await tenant.api.get("/api/v1/installs")).body.items, []);
});

test("an install that was disabled during its upgrade stays disabled", async (t) => {
  const { tenant, connectionId, path, upgradeWhile } = await startUpgrading(t);
  const upgrade = await upgradeWhile(() => tenant.api.patch(path, { status: "disabled" }));
  assert.deepEqual([upgrade.body.version, upgrade.body.status], ["1.1.0", "disabled"]);
  const call = await tenant.api.post(`/api/v1/connections/${connectionId}/actions/echo`, { input: {} });
  assert.equal(call.body.code, "install-disabled", JSON.stringify(call.body));
});

test("many uninstalls at once do not wait for each other's connection to the database", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, { id: "acme/echo", actions });
  const asked = await (await host.tenant()).api.post("/api/v1/installs", { plugin: "acme/echo" });
  const request = { plugin: "acme/echo", consent: asked.body.consent };
  const removals: (() => Promise<{ status: number }>)[] = [];
  for (let i = 0; i < 30; i++) {
    const { api } = await host.tenant();
    const { id } = (await api.post("/api/v1/installs", request)).body;
    removals.push(() => api.delete(`/api/v1/installs/${id}`));
  }
  const statuses = (await Promise.all(removals.map((remove) => remove()))).map(({ status }) => status);
  assert.deepEqual(statuses, new Array(30).fill(204));
});

test("an uninstall that the registry did not hear of is none", async (t) => {
  const registry = await startTestRegistry(t);
  const publisher = await registerPublisher(registry.address, "acme");
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", actions });
  const host = await startTestHost(t, {
    isolation: "thread",
    registry: { url: registry.address, token: hostToken },
  });
  const tenant = await host.tenant();
  const { installId, connectionId } = await connect(tenant, "acme/echo");
  await tenant.api.delete(`/api/v1/connections/${connectionId}`);
  const before = (await tenant.api.get(`/api/v1/installs/${installId}`)).body;
  await registry.stop();
  const answer = await tenant.api.delete(`/api/v1/installs/${installId}`);
  assert.equal(answer.body.code, "registry-unavailable", JSON.stringify(answer.body));
  assert.deepEqual((await tenant.api.get(`/api/v1/installs/${installId}`)).body, before);
});
