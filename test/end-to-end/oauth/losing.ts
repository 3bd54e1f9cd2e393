/** What a vendor says, or does not say, that loses the connection or does not. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { authorize, connected, me, statusOf } from "../../support/oauth-scene.ts";
import type { OAuthHosts } from "./hosts.ts";

export async function losing(t: TestContext, scene: OAuthHosts): Promise<void> {
  const { vendor, tenant, clock } = scene;

  await t.test("a lost answer to a request for new tokens does not lose the connection", async () => {
    const id = await connected(scene);
    vendor.isForgiving = true;
    vendor.endAccessTokens();
    vendor.loseReplies = 1;
    assert.equal((await me(tenant, id)).body.code, "vendor-unavailable");
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    assert.equal((await me(tenant, id)).body.output.status, 200);
    vendor.isForgiving = false;
  });

  await t.test("nor does a vendor that has forgotten what it gave out last", async () => {
    const id = await connected(scene);
    clock.ms += 3_590_000;
    assert.equal((await me(tenant, id)).body.output.status, 200);
    clock.ms += 3_590_000;
    Object.assign(vendor, { isForgiving: true });
    vendor.failing = { status: 400, body: JSON.stringify({ error: "invalid_grant" }), times: 1 };
    vendor.asked.length = 0;
    assert.equal((await me(tenant, id)).body.output?.status, 200, "the refresh token before is shown again");
    assert.deepEqual(vendor.asked, ["refresh_token", "refresh_token"]);
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    vendor.isForgiving = false;
  });

  await t.test("nor does a vendor that is down, or one that answers nonsense", async () => {
    const id = await connected(scene);
    for (const [status, body] of [
      [503, "down"],
      [500, JSON.stringify({ error: "invalid_grant" })],
      [200, "<html>maintenance</html>"],
      [429, JSON.stringify({ error: "slow_down" })],
    ] as const) {
      vendor.endAccessTokens();
      vendor.failing = { status, body, times: 1 };
      assert.equal((await me(tenant, id)).body.code, "vendor-unavailable", body);
      assert.deepEqual(await statusOf(scene, id), ["active", null]);
    }
    vendor.failing.times = 0;
    assert.equal((await me(tenant, id)).body.output.status, 200);
  });

  await t.test("a refusal in words of the vendor's own is nothing certain", async () => {
    const id = await connected(scene);
    const path = `/api/v1/connections/${id}`;
    for (const [status, body, code] of [
      [400, { error: "bad_refresh_token" }, "egress-refused"],
      [200, { error: "bad_refresh_token" }, "egress-refused"],
      [403, { error: "inactive_org" }, "egress-refused"],
      [400, { status: "BAD_REFRESH_TOKEN" }, "egress-refused"],
      [401, { error: "invalid_client" }, "egress-refused"],
      [400, { error: "slow_down" }, "vendor-unavailable"],
      [400, { error: "temporarily_unavailable" }, "vendor-unavailable"],
    ] as const) {
      vendor.endAccessTokens();
      vendor.failing = { status, body: JSON.stringify(body), times: 1 };
      assert.equal((await me(tenant, id)).body.code, code, JSON.stringify(body));
      assert.deepEqual(await statusOf(scene, id), ["active", null]);
    }
    // Said again when the host itself tries, it stops the connection, until it works again.
    vendor.failing = { status: 400, body: JSON.stringify({ error: "bad_refresh_token" }), times: 2 };
    await tenant.api.post(`${path}/test`);
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    await tenant.api.post(`${path}/test`);
    assert.deepEqual(await statusOf(scene, id), ["error", "credential-refused"]);
    assert.equal((await tenant.api.post(`${path}/test`)).body.outcome, "ok");
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
  });

  await t.test("a vendor that wants to see the person again is taken at its word", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    vendor.failing = { status: 400, body: JSON.stringify({ error: "interaction_required" }), times: 2 };
    assert.equal((await me(tenant, id)).body.code, "connection-inactive");
    assert.deepEqual(await statusOf(scene, id), ["error", "reauthorization-needed"]);
    vendor.failing.times = 0;
  });

  await t.test("a token asked for ahead of time that does not come fails no call", async () => {
    const id = await connected(scene);
    clock.ms += 3_550_000;
    vendor.failing = { status: 503, body: "down", times: 1 };
    assert.equal((await me(tenant, id)).body.output.status, 200);
  });

  await t.test("only when the vendor says for certain that it is over, a person is asked for", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    vendor.endGrants();
    assert.equal((await me(tenant, id)).body.code, "connection-inactive");
    assert.deepEqual(await statusOf(scene, id), ["error", "reauthorization-needed"]);
    const { body } = await tenant.api.get("/api/v1/events?type=plugboard.connection.failed");
    const last = body.items.at(-1);
    assert.deepEqual([last.data.connectionId, last.data.reason], [id, "reauthorization-needed"]);
    vendor.asked.length = 0;
    await me(tenant, id);
    const forced = await tenant.api.patch(`/api/v1/connections/${id}`, { status: "active" });
    assert.equal(forced.body.code, "connection-has-no-credential");
    assert.deepEqual(vendor.asked, [], "nobody asks again in vain");
    vendor.failing.times = 0;
    assert.equal((await authorize(scene, id)).status, 200);
    assert.equal((await me(tenant, id)).body.output.status, 200);
  });
}
