/** What costs something runs for those who have bought it, from this host's own copy of the registry's word. */
import assert from "node:assert/strict";
import test from "node:test";
import pg from "pg";
import { createTestApi } from "../support/api.ts";
import { adminKey, connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import { hostToken, operatorToken, startTestRegistry } from "../support/registry.ts";

const plugin = "acme/paid";
const dayMs = 86_400_000;
const pricing = {
  model: "subscription",
  price: { amount: 1900, currency: "EUR" },
  interval: "month",
  trialDays: 14,
};

test("a subscription, from the first look to the end of its grace", { timeout: 120_000 }, async (t) => {
  const registry = await startTestRegistry(t);
  const acme = await registerPublisher(registry.address, "acme");
  const actions = { hello: { run: "return { said: 'hello' };" } };
  await publishTestPlugin(registry.address, acme, { id: plugin, actions, manifest: { pricing } });
  let offsetMs = 0;
  const host = await startTestHost(t, {
    isolation: "thread",
    registry: { url: registry.address, token: hostToken },
    now: () => Date.now() + offsetMs,
    entitlementRefreshMs: 200,
  });
  const operator = createTestApi(registry.address, operatorToken);
  const tenant = await host.tenant();
  const events = async () => {
    const { body } = await tenant.api.get("/api/v1/events?limit=100");
    return body.items
      .map(({ type }: { type: string }) => type)
      .filter((type: string) => type.startsWith("plugboard.entitlement."));
  };
  const seen = async (type: string) => {
    const until = Date.now() + 60_000;
    while (!(await events()).includes(`plugboard.entitlement.${type}`)) {
      assert.ok(Date.now() < until, `no event ${type} came: ${await events()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  const refused = await tenant.api.post("/api/v1/installs", { plugin });
  assert.deepEqual([refused.status, refused.body.code], [409, "entitlement-required"]);
  const unseen = await tenant.api.post("/api/v1/marketplace/purchases", { plugin });
  assert.deepEqual([unseen.status, unseen.body.code], [409, "terms-required"]);
  assert.deepEqual(unseen.body.pricing, pricing);
  const { terms } = unseen.body;

  const trial = await tenant.api.post("/api/v1/marketplace/trials", { plugin, terms });
  assert.deepEqual([trial.status, trial.body.items[0].status], [201, "active"]);
  const { connectionId } = await connect(tenant, plugin);
  const call = () => tenant.api.post(`/api/v1/connections/${connectionId}/actions/hello`, { input: {} });
  assert.equal((await call()).status, 200);

  await t.test("is announced before it ends, runs on in its grace, and then not", async () => {
    offsetMs = 12 * dayMs;
    await seen("expiring");
    assert.equal((await call()).status, 200);
    offsetMs = 15 * dayMs;
    await seen("grace");
    assert.equal((await call()).status, 200);
    const { body } = await tenant.api.get("/api/v1/marketplace/entitlements");
    assert.equal(body.items[0].status, "grace");
    offsetMs = 18 * dayMs;
    await seen("ended");
    const answer = await call();
    assert.deepEqual([answer.status, answer.body.code], [409, "entitlement-required"]);
    assert.deepEqual((await events()).length, 3, "each is told once");
  });

  await t.test("runs again when it is paid", async () => {
    const { body: purchase } = await tenant.api.post("/api/v1/marketplace/purchases", { plugin, terms });
    assert.deepEqual([purchase.status, purchase.amount], ["open", 1900]);
    const path = `/registry/v1/billing/purchases/${purchase.id}/confirm`;
    assert.equal((await operator.post(path, { note: "Invoice 7" })).status, 200);
    offsetMs = 0;
    const checked = await tenant.api.post(`/api/v1/marketplace/purchases/${purchase.id}/check`);
    assert.equal(checked.body.status, "paid");
    assert.equal((await call()).status, 200);
  });

  const db = new pg.Client(host.databaseUrl);
  await db.connect();
  t.after(() => db.end());
  // Its database goes before it does.
  db.on("error", () => {});
  let forged = "";

  await t.test("a row that does not verify is asked for anew, whatever its revision", async () => {
    const { rows } = await db.query("select statement from core.entitlements");
    const [header, payload, signature] = rows[0].statement.split(".");
    const said = JSON.parse(Buffer.from(payload, "base64url").toString());
    said.expiresAt = "2099-01-01T00:00:00.000Z";
    forged = [header, Buffer.from(JSON.stringify(said)).toString("base64url"), signature].join(".");
    await db.query("update core.entitlements set statement = $1, revision = 1000", [forged]);
    const again = createTestApi(await host.restart(), tenant.key);
    const answer = await again.post(`/api/v1/connections/${connectionId}/actions/hello`, { input: {} });
    assert.equal(answer.status, 200);
    const kept = await db.query("select statement, revision from core.entitlements");
    assert.equal(kept.rows[0].revision, 2);
    assert.notEqual(kept.rows[0].statement, forged);
    assert.equal((await again.get("/api/v1/marketplace/entitlements")).body.items[0].status, "active");
  });

  await t.test(
    "what a stolen key has signed gives way to what is said anew, also of a lower revision",
    async () => {
      const db = new pg.Client(host.databaseUrl);
      await db.connect();
      // As of a registry that was restored from a backup: it has forgotten what it said last.
      await db.query("update core.entitlements set revision = 1000");
      const rotated = await operator.post("/registry/v1/online-keys/rotation", { stolen: true });
      assert.ok(rotated.status < 300, JSON.stringify(rotated.body));
      const address = await host.restart();
      const again = createTestApi(address, tenant.key);
      // Comparing has the host ask for news first.
      const { checkpoint } = (await operator.get("/registry/v1/checkpoint")).body;
      const compared = await createTestApi(address, adminKey).post("/api/v1/registry-trust/comparison", {
        checkpoint,
      });
      assert.equal(compared.status, 200, JSON.stringify(compared.body));
      const answer = await again.post(`/api/v1/connections/${connectionId}/actions/hello`, { input: {} });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal((await again.get("/api/v1/marketplace/entitlements")).body.items.length, 1);
      const { rows } = await db.query("select revision from core.entitlements");
      assert.equal(rows[0].revision, 2);
      await db.end();
    },
  );

  await t.test("no registry is needed to run it", async () => {
    await registry.stop();
    const { rows } = await db.query("select statement from core.entitlements");
    await db.query("update core.entitlements set statement = $1", [forged]);
    const altered = createTestApi(await host.restart(), tenant.key);
    const refused = await altered.post(`/api/v1/connections/${connectionId}/actions/hello`, { input: {} });
    assert.deepEqual([refused.status, refused.body.code], [503, "registry-unavailable"]);
    await db.query("update core.entitlements set statement = $1", [rows[0].statement]);
    const again = createTestApi(await host.restart(), tenant.key);
    const answer = await again.post(`/api/v1/connections/${connectionId}/actions/hello`, { input: {} });
    assert.equal(answer.status, 200);
    offsetMs = 400 * dayMs;
    const late = await again.post(`/api/v1/connections/${connectionId}/actions/hello`, { input: {} });
    assert.deepEqual([late.status, late.body.code], [409, "entitlement-required"]);
  });
});
