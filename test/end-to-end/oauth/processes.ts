/** Hosts that are processes of their own, over one database, and one that is killed while it asks for tokens. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { createTestApi } from "../../support/api.ts";
import { adminKey } from "../../support/host.ts";
import { connected, me, statusOf } from "../../support/oauth-scene.ts";
import { startHostProcess } from "../../support/process.ts";
import type { OAuthHosts } from "./hosts.ts";

export async function processes(t: TestContext, scene: OAuthHosts): Promise<void> {
  const { vendor, tenant, clock, host, db, options } = scene;
  // The process has no other clock.
  clock.ms = Date.now();
  // It looks at what is due by itself, which is not what is counted here.
  const tryNothing = () =>
    db.query("update core.connection_health set next_check_at = now() + interval '1 day'");
  await tryNothing();
  const child = await startHostProcess({
    DATABASE_URL: host.databaseUrl,
    PLUGBOARD_DATA_DIR: host.dataDir,
    PLUGBOARD_ADMIN_KEY: adminKey,
    PLUGBOARD_ISOLATION: "thread",
    PLUGBOARD_PUBLIC_URL: options.publicUrl,
    PLUGBOARD_EGRESS_REWRITE: JSON.stringify(vendor.rewrite),
  });
  t.after(() => child.stop());
  async function connectedUntried(): Promise<string> {
    const id = await connected(scene);
    await tryNothing();
    return id;
  }
  const there = createTestApi(child.address, tenant.key);

  await t.test("many calls in two processes make one request for a new token", async () => {
    const id = await connectedUntried();
    assert.equal((await me(tenant, id, there)).body.output?.status, 200);
    vendor.asked.length = 0;
    for (let round = 0; round < 3; round++) {
      vendor.endAccessTokens();
      const calls = Array.from({ length: 20 }, (_, i) => me(tenant, id, i % 2 ? there : tenant.api));
      for (const { body } of await Promise.all(calls))
        assert.equal(body.output?.status, 200, JSON.stringify(body));
    }
    assert.deepEqual(vendor.asked, Array(3).fill("refresh_token"));
  });

  await t.test("a process that is killed while it asks does not lose the connection", async () => {
    const id = await connectedUntried();
    assert.equal((await me(tenant, id, there)).body.output?.status, 200);
    const { promise: heldReplies, resolve: letGo } = Promise.withResolvers<void>();
    Object.assign(vendor, { isForgiving: true, heldReplies });
    vendor.endAccessTokens();
    vendor.asked.length = 0;
    const calling = assert.rejects(me(tenant, id, there));
    while (vendor.asked.length === 0) await new Promise((next) => setTimeout(next, 5));
    await child.killNine();
    await calling;
    letGo();
    vendor.heldReplies = undefined;
    // As half a minute later, when what it held ends by itself.
    const over = "update core.credential_renewals set expires_at = now() where connection_id = $1";
    assert.equal((await db.query(over, [id])).rowCount, 1);
    assert.equal((await me(tenant, id)).body.output?.status, 200);
    assert.deepEqual(vendor.asked, ["refresh_token", "refresh_token"]);
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    vendor.isForgiving = false;
  });
}
