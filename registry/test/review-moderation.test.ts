import assert from "node:assert/strict";
import { test } from "node:test";
import { refused } from "./support/refused.ts";
import { assertRating, authorOf, reviewOf, useReviewBench } from "./support/reviews.ts";

const bench = useReviewBench();

const decide = (id: string, decision: string, reason = "It was looked at.") =>
  bench.operator("POST", `/moderation/reviews/${id}/decisions`, { decision, reason });

const listed = async (state: string): Promise<string[]> => {
  const { body } = await bench.operator("GET", `/moderation/reviews?state=${state}&limit=100`);
  return body.items.map(({ id }: { id: string }) => id);
};

test("what is reported waits for a moderator, who hides it, restores it or settles the reports", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(1));
  const spam = { reason: "spam" as const, note: "It is an advertisement." };
  await refused(bench.client.reportReview(ann, plugin, id, spam), 403, "own-review");
  await bench.client.reportReview(authorOf("tnt_bob"), plugin, id, spam);
  await bench.client.reportReview(authorOf("tnt_bob"), plugin, id, spam);
  await bench.client.reportReview(authorOf("tnt_eve"), plugin, id, { reason: "other" });

  await assertRating(bench, plugin, [1, 0, 0, 0, 0]);
  assert.deepEqual(await listed("reported"), [id]);
  const { body: before } = await bench.operator("GET", `/moderation/reviews/${id}`);
  assert.deepEqual(
    [before.reportCount, before.reports.map(({ note }: { note: string }) => note)],
    [2, ["It is an advertisement.", ""]],
  );

  const hidden = await decide(id, "hide", "An advertisement.");
  assert.deepEqual([hidden.status, hidden.body.status, hidden.body.reportCount], [201, "hidden", 0]);
  await assertRating(bench, plugin, [0, 0, 0, 0, 0]);
  await refused(bench.client.getReview(plugin, id), 404, "review-not-found");
  assert.deepEqual((await bench.client.listReviews(plugin)).items, []);
  assert.deepEqual(await listed("reported"), []);
  assert.deepEqual(await listed("hidden"), [id]);

  const edited = await bench.client.updateReview(ann, plugin, id, { rating: 2, body: "Without it." });
  assert.equal(edited.status, "hidden");
  await assertRating(bench, plugin, [0, 0, 0, 0, 0]);
  await bench.client.removeReview(ann, plugin, id);
  assert.equal((await bench.client.createReview(ann, plugin, reviewOf(2))).status, "hidden");

  await decide(id, "restore", "It is a review now.");
  await assertRating(bench, plugin, [0, 1, 0, 0, 0]);
  const { body } = await bench.operator("GET", `/moderation/reviews/${id}`);
  assert.deepEqual(
    body.audit.map((one: { decidedBy: string; decision: string; reason: string }) => [
      one.decidedBy,
      one.decision,
      one.reason,
    ]),
    [
      ["operator", "hide", "An advertisement."],
      ["operator", "restore", "It is a review now."],
    ],
  );
  assert.equal(body.revisions.length, 4);
});

test("what was removed stays away, whatever its author does", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(1));
  await decide(id, "remove", "Threats.");

  await refused(bench.client.updateReview(ann, plugin, id, { rating: 5 }), 409, "review-removed");
  await bench.client.removeReview(ann, plugin, id);
  await refused(bench.client.createReview(ann, plugin, reviewOf(1)), 409, "review-removed");
  await assertRating(bench, plugin, [0, 0, 0, 0, 0]);
});

test("a publisher's answer is moderated too", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(1));
  await bench.client.replyToReview(plugin, id, await bench.signReply({ review: id, body: "Fool." }));

  await decide(id, "remove-reply", "An insult.");

  assert.equal((await bench.client.getReview(plugin, id)).reply, null);
  await assertRating(bench, plugin, [1, 0, 0, 0, 0]);
});

test("decisions need a reason, and what was decided cannot be unwritten", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(1));
  assert.equal((await decide(id, "hide", " ")).status, 422);
  assert.equal((await decide(id, "burn")).status, 422);
  assert.equal((await decide(`rev_${"0".repeat(32)}`, "hide")).status, 404);
  assert.equal((await bench.client.getReview(plugin, id)).rating, 1);
  await decide(id, "hide", "For a look.");

  for (const statement of [
    "update registry.review_audit set reason = 'none'",
    "delete from registry.review_audit",
    "truncate registry.review_audit",
  ]) {
    await assert.rejects(bench.database.pool.query(statement), /only ever appended to/);
  }
  const { body } = await bench.operator("GET", "/moderation/audit?limit=1");
  assert.deepEqual([body.items[0].reviewId, body.items[0].reason], [id, "For a look."]);
  const next = await bench.operator("GET", `/moderation/audit?limit=1&cursor=${body.nextCursor}`);
  assert.ok(next.body.items[0].id < body.items[0].id);
});

test("suspiciously many reviews of new tenants are held, not refused, and do not count", async () => {
  const plugin = await bench.newPlugin();
  const stars = [0, 0, 0, 0, 0];
  const written = [];
  for (let one = 0; one < 8; one++) {
    await bench.install(`tnt_new${one}`, plugin);
    written.push(await bench.client.createReview(authorOf(`tnt_new${one}`), plugin, reviewOf(5)));
  }

  assert.deepEqual(
    written.map(({ status }) => status),
    [...Array(5).fill("visible"), ...Array(3).fill("held")],
  );
  stars[4] = 5;
  await assertRating(bench, plugin, stars);
  const held = written.at(-1)?.id ?? "";
  await refused(bench.client.getReview(plugin, held), 404, "review-not-found");
  await refused(bench.client.voteHelpful(authorOf("tnt_x"), plugin, held), 404, "review-not-found");
  assert.ok((await listed("held")).includes(held));
  const author = authorOf("tnt_new7");
  assert.equal((await bench.client.updateReview(author, plugin, held, { rating: 4 })).status, "held");
  await bench.client.removeReview(author, plugin, held);
  bench.clock.pass({ days: 2 });
  assert.equal((await bench.client.createReview(author, plugin, reviewOf(5))).status, "held");

  const old = await bench.reviewer("tnt_old", plugin);
  assert.equal((await bench.client.createReview(old, plugin, reviewOf(1))).status, "visible");
  await decide(held, "restore", "They are real.");
  await assertRating(bench, plugin, [1, 0, 0, 0, 6]);
});

test("one tenant's many authors, and one host's many tenants, are held as well", async () => {
  const plugin = await bench.newPlugin();
  await bench.reviewer("tnt_crowd", plugin);
  const crowd = [];
  for (let one = 0; one < 5; one++) {
    const author = authorOf("tnt_crowd", `user-${one}`);
    crowd.push((await bench.client.createReview(author, plugin, reviewOf(5))).status);
  }
  assert.deepEqual(crowd, ["visible", "visible", "visible", "held", "held"]);

  const busy = await bench.newPlugin();
  const statuses = [];
  for (let one = 0; one < 17; one++) {
    const author = await bench.reviewer(`tnt_host${one}`, busy);
    statuses.push((await bench.client.createReview(author, busy, reviewOf(1))).status);
  }
  assert.deepEqual(statuses, [...Array(15).fill("visible"), "held", "held"]);
  bench.clock.pass({ minutes: 61 });
  const late = await bench.reviewer("tnt_late", busy);
  assert.equal((await bench.client.createReview(late, busy, reviewOf(1))).status, "visible");
});

test("what is many for one plugin is usual for another", async () => {
  const plugin = await bench.newPlugin();
  // A month in which twelve an hour were usual.
  await bench.database.pool.query(
    `insert into registry.reviews (id, plugin, tenant_id, author, host, newcomer, version, rating, title, body, status, created_at)
     select 'rev_' || md5(n::text), $1, 'tnt_past' || n, 'a', 'past', false, '1.0.0', 5, 't', 'b', 'visible',
            $2::timestamptz - interval '1 hour' - n * interval '5 minutes'
     from generate_series(1, 8063) n`,
    [plugin, bench.clock.now()],
  );
  await bench.database.pool.query("update registry.reviews set host = $2 where plugin = $1", [
    plugin,
    await hostOf(),
  ]);

  const statuses = new Set<string>();
  for (let one = 0; one < 22; one++) {
    const author = await bench.reviewer(`tnt_usual${one}`, plugin);
    statuses.add((await bench.client.createReview(author, plugin, reviewOf(4))).status);
  }
  assert.deepEqual([...statuses], ["visible"]);
});

async function hostOf(): Promise<string> {
  const { rows } = await bench.database.pool.query(
    "select host from registry.reviews where host <> 'past' limit 1",
  );
  return rows[0].host;
}
