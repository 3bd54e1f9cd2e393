/** An account is connected, and connected anew. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { appUrl, authorize, code, connected, create, me, statusOf } from "../../support/oauth-scene.ts";
import type { OAuthHosts } from "./hosts.ts";

export async function connecting(t: TestContext, scene: OAuthHosts): Promise<void> {
  const { vendor, tenant, db } = scene;

  /** How many rows of each table are about the connection, but for what ends by itself. */
  async function rowsOf(id: string): Promise<Map<string, number>> {
    const { rows: tables } = await db.query(
      `select table_name as name from information_schema.columns where table_schema = 'core' and column_name = 'connection_id'
       and table_name not in ('oauth_flows', 'credential_renewals')`,
    );
    const counts = new Map<string, number>();
    for (const { name } of tables) {
      const { rowCount } = await db.query(`select from core.${name} where connection_id = $1`, [id]);
      if (rowCount) counts.set(name, rowCount);
    }
    return counts;
  }

  await t.test("it is configuring until the person has agreed, and then active", async () => {
    const id = await create(scene, code);
    assert.deepEqual(await statusOf(scene, id), ["configuring", null]);
    assert.equal((await me(tenant, id)).body.code, "connection-inactive");
    const page = await authorize(scene, id);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /The account is connected/);
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    assert.equal((await me(tenant, id)).body.output.account, "person");
    assert.deepEqual(vendor.asked, ["authorization_code"]);
    const health = await tenant.api.get(`/api/v1/connections/${id}/health`);
    assert.equal(health.body.checks[0].outcome, "ok");
    const events = await tenant.api.get("/api/v1/events?type=plugboard.connection.*");
    assert.deepEqual(
      events.body.items.map((event: { type: string }) => event.type),
      ["plugboard.connection.connected"],
    );
  });

  await t.test("the person can be sent back to where they came from, if the operator allows it", async () => {
    const id = await create(scene, code);
    const back = await authorize(scene, id, { returnUrl: appUrl });
    assert.equal(back.status, 303);
    assert.equal(back.headers.get("location"), `${appUrl}?connection=${id}&outcome=connected`);
    for (const returnUrl of [
      "https://evil.example/",
      "https://app.example.evil.example/",
      "javascript:alert(1)",
    ]) {
      const refused = await tenant.api.post(`/api/v1/connections/${id}/authorize`, { returnUrl });
      assert.equal(refused.body.code, "return-url-not-allowed", returnUrl);
    }
  });

  await t.test("connected anew, it keeps its id, and all that hangs on it", async () => {
    const id = await connected(scene);
    const requests = { limits: [{ type: "concurrency", requests: 5 }] };
    await tenant.api.patch(`/api/v1/connections/${id}`, { requests });
    await me(tenant, id);
    const logged = async () => (await tenant.api.get(`/api/v1/connections/${id}/logs`)).body.items;
    while ((await logged()).length === 0) await new Promise((next) => setTimeout(next, 20));
    const hanging = await rowsOf(id);
    assert.ok(hanging.size >= 4, [...hanging.keys()].join());
    const before = (await tenant.api.get(`/api/v1/connections/${id}`)).body;
    assert.equal((await authorize(scene, id)).status, 200);
    const after = (await tenant.api.get(`/api/v1/connections/${id}`)).body;
    assert.deepEqual({ ...after, updatedAt: "" }, { ...before, updatedAt: "" });
    assert.equal((await me(tenant, id)).status, 200);
    const kept = await rowsOf(id);
    for (const [table, rows] of hanging) assert.ok((kept.get(table) ?? 0) >= rows, table);
  });
}
