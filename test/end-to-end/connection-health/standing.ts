/** How a connection stands, and who is told. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Shop } from "./shop.ts";

export async function standing(t: TestContext, shop: Shop): Promise<void> {
  const { vendor, clock, host, db, tenant, create, read, healthOf, tryNow, told, lookedAt } = shop;

  await t.test("switched off and on again, what was said against it is not forgotten", async () => {
    const id = await create();
    const path = `/api/v1/connections/${id}`;
    const standing = ({ status, statusReason }: { status: string; statusReason: string | null }) => [
      status,
      statusReason,
    ];
    const change = async (status: string) => standing((await tenant.api.patch(path, { status })).body);
    vendor.status = 401;
    await tryNow(id);
    await tryNow(id);
    assert.deepEqual(await change("inactive"), ["inactive", "credential-refused"]);
    assert.deepEqual(await change("active"), ["testing", "credential-refused"], "to be tried first");
    assert.equal((await tenant.api.post(`${path}/actions/ping`, { input: {} })).status, 409);
    await lookedAt(id);
    assert.deepEqual(standing(await read(id)), ["error", "credential-refused"]);
    await change("inactive");
    vendor.status = 200;
    await tryNow(id);
    assert.deepEqual(standing(await read(id)), ["inactive", null], "a success takes it back");
    assert.deepEqual(await change("active"), ["active", null]);
  });

  await t.test("reading the status asks nobody, and not the database", async () => {
    const id = await create();
    await tryNow(id);
    const paths = [`/api/v1/connections/${id}`, `/api/v1/connections/${id}/health`];
    async function answeredWhileLocked(): Promise<boolean> {
      await Promise.all(paths.map((path) => tenant.api.get(path)));
      await db.query("begin");
      await db.query(
        `lock table core.connections, core.connection_health, core.connection_checks, core.installs, core.api_keys,
           core.tenants in access exclusive mode`,
      );
      const headers = { authorization: `Bearer ${tenant.key}` };
      const signal = AbortSignal.timeout(5_000);
      const answers = paths.map((path) => fetch(`${host.address}${path}`, { headers, signal }));
      const settled = await Promise.allSettled(answers);
      await db.query("rollback");
      return settled.every((answer) => answer.status === "fulfilled" && answer.value.status === 200);
    }
    // The database may still be about to tell the host of what it has just done, which it then reads once more.
    let isAnswered = false;
    for (let tries = 0; tries < 5 && !isAnswered; tries++) isAnswered = await answeredWhileLocked();
    assert.ok(isAnswered);
  });

  await t.test("a vendor that is down is seen, and stops nothing", async () => {
    const id = await create();
    for (const [status, outcome] of [
      [503, "failed"],
      [0, "unreachable"],
      [503, "failed"],
    ] as const) {
      vendor.status = status;
      assert.equal((await tryNow(id)).body.outcome, outcome);
    }
    vendor.status = 200;
    const { state, failures, status } = await healthOf(id);
    assert.deepEqual([state, failures, status], ["failing", 3, "active"]);
  });

  await t.test("one that is switched off is not tried by itself, and can be tried by its owner", async () => {
    const token = "token-switched-off-0123456789";
    const id = await create({ type: "bearer", token });
    await tenant.api.patch(`/api/v1/connections/${id}`, { status: "inactive" });
    // Others are tried meanwhile.
    const tries = () => vendor.keys.filter((key) => key === `Bearer ${token}`).length;
    const before = tries();
    await db.query("update core.connection_health set next_check_at = now() where connection_id = $1", [id]);
    for (let due = true; due; ) {
      const { rows } = await db.query(
        "select next_check_at <= now() as due from core.connection_health where connection_id = $1",
        [id],
      );
      due = rows[0].due;
    }
    assert.equal(tries(), before);
    assert.equal((await tryNow(id)).body.outcome, "ok");
    assert.equal((await read(id)).status, "inactive");
  });

  await t.test("an owner is told of a credential that ends, some times before it does", async () => {
    const id = await create();
    const day = 86_400_000;
    const endsAt = clock.ms + 20 * day;
    await db.query("update core.connections set credential_expires_at = $2 where id = $1", [
      id,
      new Date(endsAt),
    ]);
    for (const days of [13, 12, 6, 0.5, 0.4]) {
      clock.ms = endsAt - days * day;
      await lookedAt(id);
    }
    assert.deepEqual(await told(id), ["expiring", "expiring", "expiring"]);
  });
}
