/** Connections are tried, and what follows from it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { untilSomebodyWaits } from "../../support/locks.ts";
import type { Shop } from "./shop.ts";

export async function trying(t: TestContext, shop: Shop): Promise<void> {
  const { vendor, clock, db, tenant, create, read, healthOf, tryNow, told, lookedAt } = shop;

  await t.test("a test shows whether the credential works, with what the plugin declares", async () => {
    const id = await create();
    const { body } = await tryNow(id);
    assert.deepEqual([body.outcome, body.httpStatus, body.status], ["ok", 200, "active"]);
    assert.deepEqual(
      [vendor.keys.at(-1), vendor.queries.at(-1)],
      ["Bearer token-0123456789", "/v1/account?fields=id"],
    );
    const health = await healthOf(id);
    assert.deepEqual([health.state, health.failures, health.checks[0].outcome], ["healthy", 0, "ok"]);
  });

  await t.test(
    "what follows from a test waits for whoever changes the connection, and holds up nobody",
    async () => {
      const id = await create();
      vendor.status = 401;
      await tryNow(id);
      await db.query("begin");
      await db.query("update core.connections set name = 'Changing' where id = $1", [id]);
      const testing = tryNow(id);
      await untilSomebodyWaits(db);
      await db.query("select from core.connection_health where connection_id = $1 for update nowait", [id]);
      await db.query("commit");
      assert.equal((await testing).body.outcome, "refused");
      assert.deepEqual([(await read(id)).name, (await read(id)).status], ["Changing", "error"]);
      vendor.status = 200;
    },
  );

  await t.test("a key in the query is tried the same way", async () => {
    const id = await create({ type: "apiKey", key: "key-0123456789" });
    assert.equal((await tryNow(id)).body.outcome, "ok");
    assert.equal(vendor.queries.at(-1), "/v1/account?fields=id&key=key-0123456789");
  });

  await t.test("where the plugin declares no test there is none", async () => {
    const id = await create({ type: "basic", username: "user", password: "password-0123" });
    assert.equal((await tryNow(id)).body.code, "connection-not-testable");
  });

  await t.test(
    "a credential that is refused twice stops the connection; one that works again brings it back",
    async () => {
      const id = await create();
      clock.ms += 1_000;
      vendor.status = 401;
      assert.deepEqual([(await tryNow(id)).body.outcome, (await read(id)).status], ["refused", "active"]);
      clock.ms += 1_000;
      await lookedAt(id);
      const { status, statusReason } = await read(id);
      assert.deepEqual([status, statusReason], ["error", "credential-refused"]);
      const called = await tenant.api.post(`/api/v1/connections/${id}/actions/ping`, { input: {} });
      assert.deepEqual([called.body.code, called.body.connectionStatus], ["connection-inactive", "error"]);
      vendor.status = 200;
      clock.ms += 1_000;
      await lookedAt(id);
      assert.equal((await read(id)).status, "active");
      assert.deepEqual(await told(id), ["failed", "recovered"]);
    },
  );

  await t.test(
    "a credential that is refused in a call is looked into soon, and not for every call",
    async () => {
      const id = await create();
      await tryNow(id);
      const call = () => tenant.api.post(`/api/v1/connections/${id}/actions/ping`, { input: {} });
      const nextInMs = async () => Date.parse((await healthOf(id)).nextCheckAt) - Date.now();
      assert.equal((await call()).status, 200);
      assert.ok((await nextInMs()) > 600_000);
      vendor.status = 403;
      assert.equal((await call()).status, 200);
      vendor.status = 401;
      assert.equal((await call()).status, 200);
      const isSoon = async () => {
        while ((await nextInMs()) > 60_000) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await isSoon();
      vendor.status = 200;
      await tryNow(id);
      vendor.status = 401;
      assert.equal((await call()).status, 200);
      assert.ok((await nextInMs()) > 600_000, "not again within five minutes");
      clock.ms += 300_000;
      assert.equal((await call()).status, 200);
      await isSoon();
      vendor.status = 200;
    },
  );

  await t.test("a refusal of the old credential is not held against the new one", async () => {
    const old = { type: "bearer", token: "old-token-0123456789" };
    const id = await create(old);
    await db.query(
      "update core.connection_health set next_check_at = now() + interval '1 day' where connection_id = $1",
      [id],
    );
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
    Object.assign(vendor, { status: 401, held: { key: `Bearer ${old.token}`, until } });
    const asked = () => vendor.keys.filter((key) => key === `Bearer ${old.token}`).length;
    const before = asked();
    const testing = [tryNow(id), tryNow(id)];
    while (asked() < before + 2) await new Promise(setImmediate);
    vendor.status = 200;
    const auth = { type: "bearer", token: "new-token-0123456789" };
    assert.equal((await tenant.api.patch(`/api/v1/connections/${id}`, { auth })).status, 200);
    letGo();
    for (const { body } of await Promise.all(testing)) assert.equal(body.outcome, "refused");
    const { status, failures, checks } = await healthOf(id);
    assert.deepEqual([status, failures], ["active", 0]);
    assert.ok(!checks.some(({ outcome }: { outcome: string }) => outcome === "refused"));
  });

  await t.test("no two of many are tried again at the same moment", async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => create()));
    const waits = await Promise.all(
      ids.map(async (id) => {
        await tryNow(id);
        const { rows } = await db.query(
          "select extract(epoch from next_check_at - now())::float as seconds from core.connection_health where connection_id = $1",
          [id],
        );
        await tenant.api.delete(`/api/v1/connections/${id}`);
        return rows[0].seconds as number;
      }),
    );
    const [first = 0, ...rest] = waits.toSorted((one, other) => one - other);
    const last = rest.at(-1) ?? 0;
    // Some of it may have passed by now.
    assert.ok(first > 0.75 * 900 - 60 && last < 1.25 * 900, waits.join());
    assert.ok(last - first > 10, waits.join());
    assert.equal(new Set(waits).size, ids.length);
  });
}
