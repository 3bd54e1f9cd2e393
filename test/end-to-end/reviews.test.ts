/** What tenants say of plugins, from the core's own door to the registry and back. */
import assert from "node:assert/strict";
import test from "node:test";
import { createTestApi } from "../support/api.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

test("tenants review what they have installed, each with one voice", { timeout: 60_000 }, async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const [ann, bob] = [await host.tenant(), await host.tenant()];
  const plugin = "acme/books";
  await publishTestPlugin(host.address, await registerPublisher(host.address, "acme"), { id: plugin });
  const path = `/api/v1/marketplace/plugins/${plugin}/reviews`;
  const review = { rating: 4, title: "Solid", body: "It has run for a week.", authorName: "Ann" };

  await t.test("not before it is installed", async () => {
    const answer = await ann.api.post(path, review);
    assert.deepEqual([answer.status, answer.body.code], [409, "review-needs-install"]);
  });

  await connect(ann, plugin);
  await connect(bob, plugin);
  const written = await ann.api.post(path, review);

  await t.test("everybody sees it, and nobody sees who wrote it", async () => {
    assert.deepEqual([written.status, written.body.status], [201, "visible"]);
    const { body } = await bob.api.get(path);
    assert.deepEqual(
      body.items.map((one: { id: string; title: string }) => [one.id, one.title]),
      [[written.body.id, "Solid"]],
    );
    assert.ok(!JSON.stringify(body).includes(ann.id));
    const rating = await bob.api.get(`/api/v1/marketplace/plugins/${plugin}/rating`);
    assert.deepEqual([rating.body.count, rating.body.average], [1, 4]);
    assert.equal((await host.admin.get(path)).status, 200);
  });

  await t.test("another key of the tenant is no other author", async () => {
    const { body: key } = await host.admin.post("/api/v1/api-keys", {
      name: "another",
      tenantId: ann.id,
      scopes: ["reviews:write"],
    });
    const answer = await fetch(`${host.address}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key.key}`, "content-type": "application/json" },
      body: JSON.stringify({ ...review, rating: 5 }),
    });
    const body = (await answer.json()) as { code: string; reviewId: string };
    assert.deepEqual([body.code, body.reviewId], ["review-exists", written.body.id]);
  });

  await t.test("a tenant names no author but itself", async () => {
    for (const forged of [{ author: "x".repeat(43) }, { tenantId: ann.id }]) {
      const answer = await bob.api.post(path, { ...review, ...forged });
      assert.deepEqual([answer.status, answer.body.code], [422, "invalid-request"]);
    }
    const one = `${path}/${written.body.id}`;
    const taken = await bob.api.patch(one, { rating: 1 });
    assert.deepEqual([taken.status, taken.body.code], [404, "review-not-found"]);
    assert.equal((await bob.api.delete(one)).body.code, "review-not-found");
  });

  await t.test("others vote and report, the author does not", async () => {
    const helpful = `${path}/${written.body.id}/helpful`;
    assert.equal((await ann.api.send("PUT", helpful)).body.code, "own-review");
    await bob.api.send("PUT", helpful);
    assert.equal((await bob.api.send("PUT", helpful)).body.helpfulCount, 1);
    assert.equal((await bob.api.send("DELETE", helpful)).body.helpfulCount, 0);
    const reports = `${path}/${written.body.id}/reports`;
    assert.equal((await bob.api.post(reports, { reason: "spam" })).status, 204);
    assert.equal((await ann.api.post(reports, { reason: "spam" })).body.code, "own-review");
  });

  await t.test("the operator of the host moderates its own registry", async () => {
    const moderation = `/registry/v1/moderation/reviews/${written.body.id}/decisions`;
    const ruling = { decision: "hide", reason: "For a look." };
    assert.equal((await ann.api.post(moderation, ruling)).status, 401);
    assert.equal((await host.admin.post(moderation, ruling)).status, 201);
    const { body } = await ann.api.get(`/api/v1/marketplace/reviews?plugin=${plugin}`);
    assert.deepEqual(
      body.items.map((one: { status: string }) => one.status),
      ["hidden"],
    );
    await host.admin.post(moderation, { decision: "restore", reason: "It was fine." });
  });

  await t.test("reading needs no right to write, and writing needs it", async () => {
    const { body: key } = await host.admin.post("/api/v1/api-keys", {
      name: "reader",
      tenantId: ann.id,
      scopes: ["marketplace:read"],
    });
    const headers = { authorization: `Bearer ${key.key}`, "content-type": "application/json" };
    assert.equal((await fetch(`${host.address}${path}`, { headers })).status, 200);
    const body = JSON.stringify(review);
    assert.equal((await fetch(`${host.address}${path}`, { method: "POST", headers, body })).status, 403);
  });

  await t.test("the same author is known again after a restart", async () => {
    const again = createTestApi(await host.restart(), ann.key);
    const { body } = await again.get("/api/v1/marketplace/reviews");
    assert.equal(body.items.length, 1);
    const edited = await again.patch(`${path}/${written.body.id}`, { rating: 2 });
    assert.deepEqual([edited.status, edited.body.rating], [200, 2]);
    assert.equal((await again.delete(`${path}/${written.body.id}`)).status, 204);
    assert.deepEqual((await again.get(path)).body.items, []);
  });
});
