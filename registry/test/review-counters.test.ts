/** However reviews come, change and go: what is counted is what a recount finds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertRating, authorOf, type ReviewBench, reviewOf, useReviewBench } from "./support/reviews.ts";

const bench = useReviewBench();

const who = fc.integer({ min: 0, max: 3 });
const step = fc.oneof(
  fc.record({ do: fc.constant("write" as const), who, stars: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant("edit" as const), who, stars: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant("delete" as const), who }),
  fc.record({ do: fc.constant("vote" as const), who, of: who }),
  fc.record({ do: fc.constant("unvote" as const), who, of: who }),
  fc.record({ do: fc.constant("report" as const), who, of: who }),
  fc.record({
    do: fc.constant("decide" as const),
    of: who,
    decision: fc.constantFrom("hide", "restore", "remove", "keep"),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Does one step; what is refused has to leave everything as it was, too. */
async function take(bench: ReviewBench, plugin: string, one: Step): Promise<void> {
  const { client } = bench;
  const author = (n: number) => authorOf(`tnt_${n}`);
  const idOf = async (n: number) => {
    const { rows } = await bench.database.pool.query(
      "select id from registry.reviews where plugin = $1 and tenant_id = $2",
      [plugin, `tnt_${n}`],
    );
    return rows[0]?.id ?? `rev_${"0".repeat(32)}`;
  };
  switch (one.do) {
    case "write":
      await client.createReview(author(one.who), plugin, reviewOf(one.stars));
      return;
    case "edit":
      await client.updateReview(author(one.who), plugin, await idOf(one.who), { rating: one.stars });
      return;
    case "delete":
      return client.removeReview(author(one.who), plugin, await idOf(one.who));
    case "vote":
      await client.voteHelpful(author(one.who), plugin, await idOf(one.of));
      return;
    case "unvote":
      await client.takeVoteBack(author(one.who), plugin, await idOf(one.of));
      return;
    case "report":
      return client.reportReview(author(one.who), plugin, await idOf(one.of), { reason: "spam" });
    case "decide": {
      const ruling = { decision: one.decision, reason: "By chance." };
      await bench.operator("POST", `/moderation/reviews/${await idOf(one.of)}/decisions`, ruling);
    }
  }
}

async function assertCounted(plugin: string): Promise<void> {
  const { rows } = await bench.database.pool.query(
    `select star, count(r.id)::int as reviews from generate_series(1, 5) star
     left join registry.reviews r on r.rating = star and r.plugin = $1 and r.status = 'visible' and r.deleted_at is null
     group by star order by star`,
    [plugin],
  );
  await assertRating(
    bench,
    plugin,
    rows.map(({ reviews }) => reviews),
  );
  const { rows: wrong } = await bench.database.pool.query(
    `select id from registry.reviews r where plugin = $1 and (
       helpful_count <> (select count(*) from registry.review_votes v where v.review_id = r.id) or
       report_count <> (select count(*) from registry.review_reports p where p.review_id = r.id and p.settled_at is null))`,
    [plugin],
  );
  assert.deepEqual(wrong, []);
}

test("counters never drift, in whatever order things happen, also many at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
      async (waves) => {
        const plugin = await bench.newPlugin();
        for (let n = 0; n < 4; n++) await bench.reviewer(`tnt_${n}`, plugin);
        for (const wave of waves) {
          const taken = await Promise.allSettled(wave.map((one) => take(bench, plugin, one)));
          const refusals = taken.flatMap((one) => (one.status === "rejected" ? [one.reason.status] : []));
          assert.deepEqual(
            refusals.filter((status) => status !== 404 && status !== 409 && status !== 403),
            [],
          );
          await assertCounted(plugin);
        }
      },
    ),
    { numRuns: 12 },
  );
});

test("ten authors at once are ten reviews, and their votes at once all count", async () => {
  const plugin = await bench.newPlugin();
  const authors = [];
  for (let n = 0; n < 10; n++) authors.push(await bench.reviewer(`tnt_${n}`, plugin));

  const written = await Promise.all(
    authors.map((author) => bench.client.createReview(author, plugin, reviewOf(5))),
  );
  await assertRating(bench, plugin, [0, 0, 0, 0, 10]);

  const [first] = written;
  await Promise.all(
    authors
      .slice(1)
      .flatMap((author) => [
        bench.client.voteHelpful(author, plugin, first?.id ?? ""),
        bench.client.voteHelpful(author, plugin, first?.id ?? ""),
      ]),
  );
  await assertCounted(plugin);
  assert.equal((await bench.client.getReview(plugin, first?.id ?? "")).helpfulCount, 9);
});
