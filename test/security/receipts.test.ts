/** A receipt counts for the one install it was asked for: as it was signed, but in another place, it is refused. */
import assert from "node:assert/strict";
import test from "node:test";
import { consentDigest, type Permissions } from "@plugboard/plugin-sdk/manifest";
import pg from "pg";
import { startTestHost, type TestTenant } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import { hostToken, startTamperingProxy, startTestRegistry } from "../support/registry.ts";

const actions = { echo: { run: "return input;" } };
const may = (...hosts: string[]): Permissions => ({
  network: [{ hosts, methods: ["GET"], reason: "To ask the vendor." }],
});
const narrow = may("api.acme.example");
const wide = may("api.acme.example", "collector.acme.example");

async function install(tenant: TestTenant, plugin: string, range: string) {
  const { consent } = (await tenant.api.post("/api/v1/installs", { plugin, range })).body;
  return tenant.api.post("/api/v1/installs", { plugin, range, consent });
}

test("an old receipt of the tenant's own is not taken for a new one", async (t) => {
  const registry = await startTestRegistry(t);
  const publisher = await registerPublisher(registry.address, "acme");
  const publish = (id: string, version: string, permissions: Permissions) =>
    publishTestPlugin(registry.address, publisher, { id, version, actions, permissions });
  await publish("acme/echo", "1.0.0", narrow);
  await publish("acme/echo", "2.0.0", wide);
  await publish("acme/other", "1.0.0", narrow);
  const proxy = await startTamperingProxy(t, registry.address);
  const host = await startTestHost(t, {
    isolation: "thread",
    registry: { url: proxy.address, token: hostToken },
  });
  const untouched = proxy.tamper;
  const record = () => {
    const kept: { answer?: Buffer } = {};
    proxy.tamper = (_, body) => {
      if (body.includes('"receipt"')) kept.answer = body;
      return body;
    };
    return kept;
  };
  const replay = ({ answer }: { answer?: Buffer }) => {
    proxy.tamper = (_, body) => (body.includes('"receipt"') && answer ? answer : body);
  };
  t.beforeEach(() => {
    proxy.tamper = untouched;
  });

  await t.test("that of another plugin", async () => {
    const tenant = await host.tenant();
    const old = record();
    const { body: first } = await install(tenant, "acme/other", "1.0.0");
    await tenant.api.delete(`/api/v1/installs/${first.id}`);
    replay(old);
    const answer = await install(tenant, "acme/echo", "1.0.0");
    assert.equal(answer.body.code, "release-not-trusted", JSON.stringify(answer.body));
    assert.deepEqual((await tenant.api.get("/api/v1/installs")).body.items, []);
  });

  await t.test("that of a version that may do more than was agreed to now", async () => {
    const tenant = await host.tenant();
    const old = record();
    const { body: first } = await install(tenant, "acme/echo", "2.0.0");
    await tenant.api.delete(`/api/v1/installs/${first.id}`);
    replay(old);
    const answer = await install(tenant, "acme/echo", "1.0.0");
    assert.equal(answer.body.code, "release-not-trusted", JSON.stringify(answer.body));
    assert.deepEqual((await tenant.api.get("/api/v1/installs")).body.items, []);
  });

  await t.test("that of another install, to an upgrade", async () => {
    const tenant = await host.tenant();
    const old = record();
    const { body: other } = await install(tenant, "acme/other", "1.0.0");
    await tenant.api.delete(`/api/v1/installs/${other.id}`);
    proxy.tamper = untouched;
    const { body: echo } = await install(tenant, "acme/echo", "1.0.0");
    replay(old);
    const answer = await tenant.api.patch(`/api/v1/installs/${echo.id}`, { range: "1.0.0" });
    assert.equal(answer.body.code, "release-not-trusted", JSON.stringify(answer.body));
    const { items } = (await tenant.api.get("/api/v1/installs")).body;
    assert.deepEqual(
      items.map((item: { id: string; plugin: string }) => [item.id, item.plugin]),
      [[echo.id, "acme/echo"]],
    );
  });

  await t.test("that of another tenant", async () => {
    const old = record();
    await install(await host.tenant(), "acme/echo", "1.0.0");
    const tenant = await host.tenant();
    replay(old);
    const answer = await install(tenant, "acme/echo", "1.0.0");
    assert.equal(answer.body.code, "release-not-trusted", JSON.stringify(answer.body));
  });
});

test("a registry that says the tenant had agreed before gets no more at an upgrade", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  const publish = (version: string, permissions: Permissions) =>
    publishTestPlugin(host.address, publisher, { id: "acme/echo", version, actions, permissions });
  await publish("1.0.0", narrow);
  await publish("2.0.0", wide);
  await publish("3.0.0", narrow);
  const { api } = await host.tenant();
  const asked = (await api.post("/api/v1/installs", { plugin: "acme/echo", range: "1.0.0" })).body;
  const { id } = (
    await api.post("/api/v1/installs", { plugin: "acme/echo", range: "1.0.0", consent: asked.consent })
  ).body;
  const path = `/api/v1/installs/${id}`;
  const { consent } = (await api.patch(path, { range: "2.0.0" })).body;
  const database = new pg.Client({ connectionString: host.databaseUrl });
  await database.connect();
  await database.query(
    "insert into registry.install_history (install_id, change, version, consent) values ($1, 'installed', '2.0.0', $2)",
    [id, consent],
  );
  await database.end();

  const refused = await api.patch(path, { range: "2.0.0" });
  assert.equal(refused.body.code, "release-not-trusted", JSON.stringify(refused.body));
  assert.equal((await api.get(path)).body.version, "1.0.0");

  // What the tenant did agree to counts on, in this version and in others.
  const agreed = await api.patch(path, { range: "2.0.0", consent });
  assert.equal(agreed.body.version, "2.0.0", JSON.stringify(agreed.body));
  assert.equal((await api.patch(path, { range: "3.0.0" })).body.version, "3.0.0");
  assert.equal((await api.patch(path, { range: "2.0.0" })).body.version, "2.0.0");
});

test("a registry that signs a consent to less than the release asks for installs nothing", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, { id: "acme/echo", actions, permissions: wide });
  const consent = consentDigest({ id: "acme/echo", permissions: narrow });
  const database = new pg.Client({ connectionString: host.databaseUrl });
  await database.connect();
  await database.query("update registry.versions set consent = $1 where plugin = 'acme/echo'", [consent]);
  await database.end();

  const { api } = await host.tenant();
  const answer = await api.post("/api/v1/installs", { plugin: "acme/echo", consent });
  assert.equal(answer.body.code, "release-not-trusted", JSON.stringify(answer.body));
  assert.deepEqual((await api.get("/api/v1/installs")).body.items, []);
});
