/** Keys are rotated under connections that go on. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startTestHost } from "../../support/host.ts";
import { masterKey, type Shop } from "./shop.ts";

export async function rotating(t: TestContext, shop: Shop): Promise<void> {
  const { origin, host, db, tenant, create, tryNow } = shop;

  await t.test("the operator sees how far a rotation of keys has come, and a tenant does not", async () => {
    const id = await create();
    assert.equal((await tryNow(id)).body.outcome, "ok");
    const newest = async () => {
      const found = await db.query("select max(generation) from core.data_keys where tenant_id = $1", [
        tenant.id,
      ]);
      return Number(found.rows[0].max);
    };
    const before = await newest();
    const { body } = await host.admin.send("POST", "/api/v1/vault/rotate", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tenantId: tenant.id }),
    });
    // How many are still to be sealed anew; that may be done before the answer is made.
    assert.ok(body.toReseal >= 0, JSON.stringify(body));
    assert.equal(await newest(), before + 1);
    for (let toReseal = 1; toReseal > 0; ) ({ toReseal } = (await host.admin.get("/api/v1/vault")).body);
    assert.equal((await tryNow(id)).body.outcome, "ok");
    await db.query("update core.data_keys set created_at = now() - interval '2 minutes'");
    await host.admin.post("/api/v1/vault/rewrap");
    for (let rotating = 1; rotating > 0; ) ({ rotating } = (await host.admin.get("/api/v1/vault")).body);
    assert.equal((await tryNow(id)).body.outcome, "ok", "nothing that is remembered needs the old key");
    assert.equal((await tenant.api.get("/api/v1/vault")).status, 403);
  });
  await t.test("a host with a new master key alone starts, once everything is under it", async (t) => {
    const id = await create();
    const next = Buffer.alloc(32, 8).toString("base64");
    const shared = {
      beside: host,
      isolation: "thread" as const,
      egressRewrite: { "main.vendor.example": origin },
    };
    const both = await startTestHost(t, { ...shared, masterKey: `${next},${masterKey}` });
    assert.ok((await both.admin.get("/api/v1/vault")).body.toRewrap > 0);
    await both.admin.post("/api/v1/vault/rewrap");
    for (let toRewrap = 1; toRewrap > 0; ) ({ toRewrap } = (await both.admin.get("/api/v1/vault")).body);
    const after = await startTestHost(t, { ...shared, masterKey: next });
    const { keyIds } = (await after.admin.get("/api/v1/vault")).body;
    assert.equal(keyIds.length, 1);
    const tried = await fetch(`${after.address}/api/v1/connections/${id}/test`, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.key}` },
    });
    assert.equal(((await tried.json()) as { outcome: string }).outcome, "ok");
  });
}
