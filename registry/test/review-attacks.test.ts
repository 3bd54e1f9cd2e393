/** Whoever wants a plugin to look better or worse than its users find it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateSigningKey, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { createRegistryClient } from "@plugboard/registry/client";
import { pointersOf, refused } from "./support/refused.ts";
import { assertRating, authorOf, reviewOf, useReviewBench } from "./support/reviews.ts";

const bench = useReviewBench();

test("who does not have the plugin does not review it, nor who had it", async () => {
  const plugin = await bench.newPlugin();
  const other = await bench.newPlugin();
  const ann = authorOf("tnt_ann");
  await bench.install("tnt_ann", other);
  await refused(bench.client.createReview(ann, plugin, reviewOf(1)), 409, "review-needs-install");

  const install = await bench.install("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(3));
  await bench.client.removeInstall("tnt_ann", install);

  await refused(bench.client.updateReview(ann, plugin, id, { rating: 1 }), 409, "review-needs-install");
  await assertRating(bench, plugin, [0, 0, 1, 0, 0]);
  await bench.client.removeReview(ann, plugin, id);
  await refused(bench.client.createReview(ann, plugin, reviewOf(1)), 409, "review-needs-install");
});

test("installing, reviewing and uninstalling in a loop leaves one review", async () => {
  const plugin = await bench.newPlugin();
  const ann = authorOf("tnt_loop");
  for (let round = 0; round < 3; round++) {
    const install = await bench.install("tnt_loop", plugin);
    if (round === 0) await bench.client.createReview(ann, plugin, reviewOf(1));
    else await refused(bench.client.createReview(ann, plugin, reviewOf(1)), 409, "review-exists");
    await bench.client.removeInstall("tnt_loop", install);
  }
  await assertRating(bench, plugin, [1, 0, 0, 0, 0]);
});

test("writing and deleting in a loop ends", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  for (let round = 0; round < 10; round++) {
    const { id } = await bench.client.createReview(ann, plugin, reviewOf(5));
    await bench.client.removeReview(ann, plugin, id);
  }
  await refused(bench.client.createReview(ann, plugin, reviewOf(5)), 429, "rate-limited");
  bench.clock.pass({ days: 1 });
  await bench.client.createReview(ann, plugin, reviewOf(5));
});

test("a publisher's own people do not review its plugins, nor vote on what others wrote", async () => {
  const plugin = await bench.newPlugin();
  const insider = await bench.reviewer("tnt_acme", plugin);
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id: praise } = await bench.client.createReview(insider, plugin, reviewOf(5));
  const { id: complaint } = await bench.client.createReview(ann, plugin, reviewOf(1));
  await bench.client.voteHelpful(insider, plugin, complaint);

  const linked = await bench.operator("PUT", "/publishers/acme/tenants/tnt_acme");

  assert.equal(linked.status, 204);
  await assertRating(bench, plugin, [1, 0, 0, 0, 0]);
  await refused(bench.client.getReview(plugin, praise), 404, "review-not-found");
  assert.equal((await bench.client.getReview(plugin, complaint)).helpfulCount, 0);
  await refused(bench.client.updateReview(insider, plugin, praise, { rating: 5 }), 403, "review-own-plugin");
  await refused(bench.client.voteHelpful(insider, plugin, complaint), 403, "review-own-plugin");
  await bench.client.removeReview(insider, plugin, praise);
  await refused(bench.client.createReview(insider, plugin, reviewOf(5)), 403, "review-own-plugin");
  const { body } = await bench.operator("GET", `/moderation/reviews/${praise}`);
  assert.deepEqual(
    body.audit.map((one: { decidedBy: string; decision: string }) => [one.decidedBy, one.decision]),
    [["publisher-link", "hide"]],
  );
  const { body: tenants } = await bench.operator("GET", "/publishers/acme/tenants");
  assert.deepEqual(tenants.items, ["tnt_acme"]);

  const others = await bench.newPlugin(bench.globex);
  await bench.install("tnt_acme", others);
  assert.equal((await bench.client.createReview(insider, others, reviewOf(4))).status, "visible");
  await bench.operator("DELETE", "/publishers/acme/tenants/tnt_acme");
});

test("a vote that is cast while its tenant is linked to the publisher does not stay", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(1));
  const linking = await bench.database.pool.connect();
  try {
    await linking.query("begin");
    await linking.query("select name from registry.publishers where name = 'acme' for update");
    await linking.query("insert into registry.publisher_tenants values ('acme', 'tnt_late', now())");
    let isCast = false;
    const vote = bench.client.voteHelpful(authorOf("tnt_late"), plugin, id).finally(() => {
      isCast = true;
    });
    const refusal = refused(vote, 403, "review-own-plugin");
    const waiting = "select 1 from pg_locks where not granted";
    while (!isCast && (await bench.database.pool.query(waiting)).rows.length === 0);
    await linking.query("commit");
    await refusal;
  } finally {
    linking.release();
    await bench.operator("DELETE", "/publishers/acme/tenants/tnt_late");
  }
  assert.equal((await bench.client.getReview(plugin, id)).helpfulCount, 0);
});

test("one vote an author, and none on one's own", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const bob = authorOf("tnt_bob");
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(4));

  await refused(bench.client.voteHelpful(ann, plugin, id), 403, "own-review");
  await Promise.all(Array.from({ length: 5 }, () => bench.client.voteHelpful(bob, plugin, id)));
  assert.equal((await bench.client.getReview(plugin, id)).helpfulCount, 1);

  await Promise.all(Array.from({ length: 3 }, () => bench.client.takeVoteBack(bob, plugin, id)));
  assert.equal((await bench.client.getReview(plugin, id)).helpfulCount, 0);
});

test("another tenant's author reference is somebody else's", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  await bench.reviewer("tnt_eve", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(5));
  const forged = { tenantId: "tnt_eve", author: ann.author };

  await refused(bench.client.updateReview(forged, plugin, id, { rating: 1 }), 404, "review-not-found");
  await refused(bench.client.removeReview(forged, plugin, id), 404, "review-not-found");
  assert.deepEqual((await bench.client.listOwnReviews(forged, { plugin })).items, []);
  await bench.client.voteHelpful(forged, plugin, id);
  await assertRating(bench, plugin, [0, 0, 0, 0, 1]);
});

test("a review is changed under its own plugin alone", async () => {
  const plugin = await bench.newPlugin();
  const other = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  await bench.reviewer("tnt_ann", other);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(5));

  await refused(bench.client.getReview(other, id), 404, "review-not-found");
  await bench.client.createReview(ann, other, reviewOf(2));
  await refused(bench.client.updateReview(ann, other, id, { rating: 1 }), 404, "review-not-found");
  await refused(bench.client.removeReview(ann, other, id), 404, "review-not-found");
  await refused(bench.client.voteHelpful(authorOf("tnt_bob"), other, id), 404, "review-not-found");
});

test("without a host's token nobody speaks for a tenant, and without the operator's nobody moderates", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(5));
  const stranger = createRegistryClient({ baseUrl: bench.url, hostToken: "pbh_wrong" });

  await refused(stranger.createReview(ann, plugin, reviewOf(1)), 401, "unauthorized");
  await refused(stranger.removeReview(ann, plugin, id), 401, "unauthorized");
  await refused(stranger.voteHelpful(authorOf("tnt_b"), plugin, id), 401, "unauthorized");
  await refused(stranger.listOwnReviews(ann), 401, "unauthorized");
  for (const path of [`/moderation/reviews/${id}`, "/moderation/reviews", "/moderation/audit"]) {
    const response = await fetch(`${bench.url}/registry/v1${path}`, {
      headers: { authorization: "Bearer pbh_the-token-of-the-host-in-tests" },
    });
    assert.equal(response.status, 403, path);
  }
});

test("markup stays text, and text that deceives is refused", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const markup = '<script>alert(1)</script> [x](javascript:alert(1)) "><img src=x onerror=alert(1)>';

  const { id } = await bench.client.createReview(
    ann,
    plugin,
    reviewOf(1, { title: markup, body: `a\r\n\tb ${markup}` }),
  );

  const response = await fetch(`${bench.url}/registry/v1/plugins/${plugin}/reviews/${id}`);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  const shown = (await response.json()) as { title: string; body: string };
  assert.deepEqual([shown.title, shown.body], [markup, `a\n b ${markup}`]);

  const deceptive = [
    "a\u0007b",
    "a\u202eb",
    "a\u2066b",
    "a\u200bb",
    " \n ",
    "\u3164\u3164".replaceAll("\u3164", " "),
    `z${"\u0301".repeat(20)}`,
  ];
  for (const text of deceptive) {
    const { members } = await refused(
      bench.client.updateReview(ann, plugin, id, { body: text }),
      422,
      "invalid-request",
    ).then((problem) => ({ members: problem, pointers: pointersOf(problem) }));
    assert.deepEqual(pointersOf(members), ["/body"], JSON.stringify(text));
  }
  for (const change of [
    { title: "" },
    { title: "x".repeat(121) },
    { body: "x".repeat(5001) },
    { rating: 0 },
    { rating: 6 },
    { rating: 2.5 },
    { authorName: "x".repeat(61) },
  ]) {
    await refused(bench.client.updateReview(ann, plugin, id, change), 422, "invalid-request");
  }
});

test("only the publisher of the plugin answers for it", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(2));
  const other = await bench.client.createReview(await bench.reviewer("tnt_bob", plugin), plugin, reviewOf(2));
  const stranger = await generateSigningKey();
  const payload = {
    publisher: "acme",
    audience: "plugboard-registry",
    issuedAt: bench.clock.now().toISOString(),
    review: id,
    body: "Buy ours instead.",
  };
  const forged = await signStatement(statementTypes.reply, payload, stranger);
  await refused(bench.client.replyToReview(plugin, id, forged), 403, "publisher-key-unknown");
  const moved = await bench.signReply({ review: other.id, body: "Thanks." });
  await refused(bench.client.replyToReview(plugin, id, moved), 422, "claim-invalid");
  const old = await bench.signReply({ review: id, body: "Thanks.", issuedAt: "2020-01-01T00:00:00Z" });
  await refused(bench.client.replyToReview(plugin, id, old), 422, "claim-invalid");
  const asOther = await bench.signReply({ review: id, body: "Thanks.", publisher: "globex" });
  await refused(bench.client.replyToReview(plugin, id, asOther), 422, "claim-invalid");
  const { publisher, audience, issuedAt } = payload;
  const claim = await signStatement(statementTypes.claim, { publisher, audience, issuedAt }, bench.acme.key);
  await refused(bench.client.replyToReview(plugin, id, claim), 422, "statement-wrong-type");
  const deceptive = await bench.signReply({ review: id, body: "Thanks\u202e." });
  await refused(bench.client.replyToReview(plugin, id, deceptive), 422, "invalid-request");
  assert.equal((await bench.client.getReview(plugin, id)).reply, null);
});

test("of a private plugin, others see no review, and do not learn that it is there", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  await bench.database.pool.query("update registry.listings set tenant_id = 'tnt_ann' where plugin = $1", [
    plugin,
  ]);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(5));
  const eve = authorOf("tnt_eve");

  await refused(bench.client.listReviews(plugin), 404, "plugin-not-found");
  await refused(bench.client.getRating(plugin), 404, "plugin-not-found");
  await refused(bench.client.getReview(plugin, id), 404, "review-not-found");
  await refused(bench.client.createReview(eve, plugin, reviewOf(1)), 404, "plugin-not-found");
  await refused(bench.client.voteHelpful(eve, plugin, id), 404, "review-not-found");
  await refused(bench.client.reportReview(eve, plugin, id, { reason: "spam" }), 404, "review-not-found");
});
