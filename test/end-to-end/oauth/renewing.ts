/** Tokens are renewed in time, by one host for all. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import { createLogger } from "@plugboard/service-kit/observe";
import { leaseMs, underLease } from "../../../core/kernel/connections/oauth/renewal-lease.ts";
import type { CoreDatabase } from "../../../core/tables.ts";
import { untilSomebodyWaits } from "../../support/locks.ts";
import { connected, me, statusOf } from "../../support/oauth-scene.ts";
import type { OAuthHosts } from "./hosts.ts";

export async function renewing(t: TestContext, scene: OAuthHosts): Promise<void> {
  const { vendor, tenant, clock, host, db, other } = scene;

  await t.test("a token is renewed before it ends, and not earlier", async () => {
    const id = await connected(scene);
    vendor.asked.length = 0;
    await me(tenant, id);
    clock.ms += 3_500_000;
    await me(tenant, id);
    assert.deepEqual(vendor.asked, []);
    clock.ms += 60_000;
    assert.equal((await me(tenant, id)).body.output.status, 200);
    assert.deepEqual(vendor.asked, ["refresh_token"]);
  });

  await t.test("a token that the vendor refuses is renewed, and the call repeated", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    vendor.asked.length = 0;
    assert.equal((await me(tenant, id)).body.output.status, 200);
    assert.deepEqual(vendor.asked, ["refresh_token"]);
  });

  await t.test("many calls on two hosts make one request for a new token", async () => {
    const id = await connected(scene);
    vendor.asked.length = 0;
    for (let round = 0; round < 5; round++) {
      vendor.endAccessTokens();
      const calls = Array.from({ length: 20 }, (_, i) => me(tenant, id, i % 2 ? other : tenant.api));
      for (const { body } of await Promise.all(calls))
        assert.equal(body.output?.status, 200, JSON.stringify(body));
    }
    assert.deepEqual(vendor.asked, Array(5).fill("refresh_token"));
  });

  await t.test("a host that was away while it asked writes nothing over newer tokens", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    const late = { access_token: "a-late-access-token", refresh_token: "a-late-refresh-token" };
    vendor.asked.length = 0;
    Object.assign(vendor, { held: promise, failing: { status: 200, body: JSON.stringify(late), times: 1 } });
    const calling = me(tenant, id);
    while (vendor.asked.length === 0) await new Promise(setImmediate);
    vendor.held = undefined;
    await db.query("update core.credential_renewals set expires_at = now() where connection_id = $1", [id]);
    assert.equal((await me(tenant, id, other)).body.output.status, 200);
    letGo();
    assert.equal((await calling).body.output?.status, 200, "it takes the newer ones itself");
    vendor.endAccessTokens();
    assert.equal((await me(tenant, id)).body.output?.status, 200, "the newer refresh token is there");
    assert.deepEqual(vendor.asked, Array(3).fill("refresh_token"));
  });

  await t.test("a host whose lease is all but over when it comes to ask does not ask", async () => {
    const id = await connected(scene);
    const logger = createLogger({ name: "test", level: "silent" });
    const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
    const core = database.kysely<CoreDatabase>("core");
    const row = await core
      .selectFrom("connections")
      .select(["id", "credential_version"])
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    const askAfter = (ms: number) => {
      const times = [0, ms];
      return underLease(
        core,
        row,
        async () => "asked",
        () => times.shift() ?? ms,
      );
    };
    assert.equal(await askAfter(leaseMs / 2), undefined);
    assert.equal(await askAfter(leaseMs / 4), "asked", "the lease was given back");
    await database.close();
  });

  await t.test(
    "who was told that it is over, while another host got new tokens, gives up nothing",
    async () => {
      const id = await connected(scene);
      vendor.endAccessTokens();
      const { promise, resolve: letGo } = Promise.withResolvers<void>();
      const over = JSON.stringify({ error: "invalid_grant" });
      vendor.asked.length = 0;
      Object.assign(vendor, { held: promise, failing: { status: 400, body: over, times: 1 } });
      const calling = me(tenant, id);
      while (vendor.asked.length === 0) await new Promise(setImmediate);
      vendor.held = undefined;
      await db.query("update core.credential_renewals set expires_at = now() where connection_id = $1", [id]);
      assert.equal((await me(tenant, id, other)).body.output.status, 200);
      letGo();
      assert.equal((await calling).body.output?.status, 200);
      assert.deepEqual(await statusOf(scene, id), ["active", null]);
    },
  );

  await t.test("tokens that came count for more than a refusal of what they came for", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    const came = { access_token: "a-good-access-token", expires_in: 3600 };
    vendor.asked.length = 0;
    Object.assign(vendor, { held: promise, failing: { status: 200, body: JSON.stringify(came), times: 1 } });
    const calling = me(tenant, id);
    while (vendor.asked.length === 0) await new Promise(setImmediate);
    vendor.held = undefined;
    await db.query("update core.credential_renewals set expires_at = now() where connection_id = $1", [id]);
    vendor.endGrants();
    assert.equal((await me(tenant, id, other)).body.code, "connection-inactive");
    const { body } = await other.get(`/api/v1/connections/${id}`);
    assert.deepEqual([body.status, body.statusReason], ["error", "reauthorization-needed"]);
    letGo();
    await calling;
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    vendor.failing.times = 0;
  });

  await t.test(
    "nobody holds others up, or asks with what is old, while it looks up what it needs",
    async () => {
      const id = await connected(scene);
      vendor.endAccessTokens();
      vendor.asked.length = 0;
      await db.query("begin");
      await db.query("lock table core.oauth_clients in access exclusive mode");
      const calling = me(tenant, id);
      await untilSomebodyWaits(db);
      const leases = await db.query("select from core.credential_renewals where connection_id = $1", [id]);
      assert.equal(leases.rowCount, 0);
      // As if another host had been faster.
      await db.query(
        "update core.connections set credential_version = credential_version + 1 where id = $1",
        [id],
      );
      await db.query("commit");
      assert.equal((await calling).body.output?.status, 200);
      assert.deepEqual(vendor.asked, ["refresh_token"]);
    },
  );
}
