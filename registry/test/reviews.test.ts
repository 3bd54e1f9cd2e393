import assert from "node:assert/strict";
import { test } from "node:test";
import { refused } from "./support/refused.ts";
import { allReviews, assertRating, authorOf, reviewOf, useReviewBench } from "./support/reviews.ts";

const bench = useReviewBench();

test("a review counts and is shown to everybody, with the version its author has", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  await assertRating(bench, plugin, [0, 0, 0, 0, 0]);

  const written = await bench.client.createReview(ann, plugin, reviewOf(4, { authorName: "Ann" }));

  assert.match(written.id, /^rev_[0-9a-f]{32}$/);
  assert.equal(written.status, "visible");
  const { status: _, ...shown } = written;
  assert.deepEqual(shown, {
    id: written.id,
    plugin,
    version: "1.0.0",
    rating: 4,
    title: "It works",
    body: "It says back what it is told.",
    authorName: "Ann",
    helpfulCount: 0,
    reply: null,
    createdAt: bench.clock.now().toISOString(),
    editedAt: null,
  });
  assert.deepEqual(await bench.client.listReviews(plugin), { items: [shown], nextCursor: null });
  assert.deepEqual(await bench.client.getReview(plugin, written.id), shown);
  await assertRating(bench, plugin, [0, 0, 0, 1, 0]);
  const rating = await bench.client.getRating(plugin);
  // (10 × 3.5 + 4) / (10 + 1)
  assert.deepEqual([rating.average, rating.score], [4, 3.55]);
});

test("an edited review is of the version that is installed now, and counts once", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(1));
  const [, name = ""] = plugin.split("/");
  await bench.acme.publish({ name, version: "1.1.0" });
  const [install] = (await bench.client.listInstalls("tnt_ann")).filter((one) => one.plugin === plugin);
  await bench.client.updateInstall("tnt_ann", install?.id ?? "", { range: "*" });
  bench.clock.pass({ minutes: 5 });

  const edited = await bench.client.updateReview(ann, plugin, id, { rating: 5, body: "They mended it." });

  assert.deepEqual([edited.rating, edited.version, edited.title], [5, "1.1.0", "It works"]);
  assert.equal(edited.editedAt, bench.clock.now().toISOString());
  await assertRating(bench, plugin, [0, 0, 0, 0, 1]);
  const { body } = await bench.operator("GET", `/moderation/reviews/${id}`);
  assert.deepEqual(
    body.revisions.map((one: { change: string; rating: number; version: string }) => [
      one.change,
      one.rating,
      one.version,
    ]),
    [
      ["written", 1, "1.0.0"],
      ["edited", 5, "1.1.0"],
    ],
  );
});

test("a deleted review is gone for all, and its author may write another", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const bob = await bench.reviewer("tnt_bob", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(2));
  await bench.client.voteHelpful(bob, plugin, id);

  await bench.client.removeReview(ann, plugin, id);
  await bench.client.removeReview(ann, plugin, id);

  await refused(bench.client.getReview(plugin, id), 404, "review-not-found");
  await refused(bench.client.updateReview(ann, plugin, id, { rating: 5 }), 404, "review-not-found");
  assert.deepEqual((await bench.client.listOwnReviews(ann, { plugin })).items, []);
  await assertRating(bench, plugin, [0, 0, 0, 0, 0]);
  const again = await bench.client.createReview(ann, plugin, reviewOf(3));
  assert.deepEqual([again.rating, again.helpfulCount], [3, 0]);
  await assertRating(bench, plugin, [0, 0, 1, 0, 0]);
});

test("reviews come in the order and of the kind that is asked for, page by page", async () => {
  const plugin = await bench.newPlugin();
  const ids: string[] = [];
  const stars = [3, 5, 1, 5, 2];
  for (const [index, rating] of stars.entries()) {
    const author = await bench.reviewer(`tnt_${index}`, plugin);
    ids.push((await bench.client.createReview(author, plugin, reviewOf(rating))).id);
    bench.clock.pass({ minutes: 90 });
  }
  const vote = (voter: string, review: number) =>
    bench.client.voteHelpful(authorOf(voter), plugin, ids[review] ?? "");
  await vote("tnt_v1", 2);
  await vote("tnt_v2", 2);
  await vote("tnt_v1", 0);
  const order = async (query: object) =>
    (await allReviews(bench.client, plugin, query)).map(({ id }) => ids.indexOf(id));

  assert.deepEqual(await order({ sort: "helpful" }), [2, 0, 4, 3, 1]);
  assert.deepEqual(await order({}), [2, 0, 4, 3, 1], "the most helpful come first unless asked otherwise");
  assert.deepEqual(await order({ sort: "newest" }), [4, 3, 2, 1, 0]);
  assert.deepEqual(await order({ sort: "highest" }), [3, 1, 0, 4, 2]);
  assert.deepEqual(await order({ sort: "lowest" }), [2, 4, 0, 3, 1]);
  assert.deepEqual(await order({ sort: "newest", stars: 5 }), [3, 1]);
  assert.deepEqual(await order({ version: "1.0.0", sort: "newest" }), [4, 3, 2, 1, 0]);
  assert.deepEqual(await order({ version: "9.9.9" }), []);
});

test("a cursor of another order, or of no list at all, is refused", async () => {
  const plugin = await bench.newPlugin();
  for (const tenant of ["tnt_a", "tnt_b"]) {
    const author = await bench.reviewer(tenant, plugin);
    await bench.client.createReview(author, plugin, reviewOf(5));
  }
  const { nextCursor } = await bench.client.listReviews(plugin, { sort: "newest", limit: 1 });
  const forged = Buffer.from(
    JSON.stringify({ sort: "newest", value: 0, createdAt: "x') --", id: `rev_${"0".repeat(32)}` }),
  ).toString("base64url");

  for (const cursor of [nextCursor ?? "", forged, "rubbish"]) {
    await refused(bench.client.listReviews(plugin, { sort: "highest", cursor }), 422, "invalid-request");
  }
  await refused(bench.client.listReviews(plugin, { sort: "newest", cursor: forged }), 422, "invalid-request");
});

test("of two first reviews at once one wins", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);

  const attempts = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((rating) => bench.client.createReview(ann, plugin, reviewOf(rating))),
  );

  const written = attempts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  assert.equal(written.length, 1);
  const { members } = await refused(
    bench.client.createReview(ann, plugin, reviewOf(5)),
    409,
    "review-exists",
  );
  assert.equal(members.reviewId, written[0]?.id);
  assert.equal((await bench.client.getRating(plugin)).count, 1);
});

test("what is said of a plugin that is not there is refused", async () => {
  const ann = authorOf("tnt_ann");
  await refused(bench.client.listReviews("acme/none"), 404, "plugin-not-found");
  await refused(bench.client.getRating("acme/none"), 404, "plugin-not-found");
  await refused(bench.client.createReview(ann, "acme/none", reviewOf(5)), 404, "plugin-not-found");
});

test("a publisher answers in its own name, once, and may say it otherwise or take it back", async () => {
  const plugin = await bench.newPlugin();
  const ann = await bench.reviewer("tnt_ann", plugin);
  const { id } = await bench.client.createReview(ann, plugin, reviewOf(2));

  const first = await bench.signReply({ review: id, body: "What went wrong?" });
  assert.equal((await bench.client.replyToReview(plugin, id, first)).reply?.body, "What went wrong?");
  bench.clock.pass({ minutes: 1 });
  const second = await bench.signReply({ review: id, body: "Mended in 1.1." });
  await bench.client.replyToReview(plugin, id, second);

  const { reply } = await bench.client.getReview(plugin, id);
  assert.deepEqual(reply, { body: "Mended in 1.1.", at: bench.clock.now().toISOString() });
  await refused(bench.client.replyToReview(plugin, id, first), 409, "reply-outdated");
  await refused(bench.client.replyToReview(plugin, id, second), 409, "reply-outdated");
  bench.clock.pass({ minutes: 1 });
  const none = await bench.signReply({ review: id, withdraw: true });
  assert.equal((await bench.client.replyToReview(plugin, id, none)).reply, null);
});
