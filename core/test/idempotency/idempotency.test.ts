/** Keys of requests under what clients do with them at the same time, and how much of them is kept. */
import assert from "node:assert/strict";
import test from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { type KyselyPlugin, sql } from "kysely";
import { coreError } from "../../errors.ts";
import { createIdempotency, type Idempotency } from "../../kernel/idempotency/index.ts";
import { coreMigrations } from "../../migrations/index.ts";
import type { CoreDatabase } from "../../tables.ts";

type Work = Parameters<Idempotency["once"]>[1];

const admit = async () => {};
const done = (body: unknown = "done") => ({ status: 200, body, headers: {} });
const writes: Work = async (effects) => {
  effects.begin(true)(true);
  return done();
};
const refused: Work = async () => {
  throw coreError("vendor-input-refused", "Not so.");
};

test("keys of requests", async (t) => {
  const database = await openTestDatabase(t, {
    maxConnections: 20,
    schema: { migrated: [{ schema: "core", migrations: coreMigrations }] },
  });
  const db = database.kysely<CoreDatabase>("core");
  const logger = createLogger({ name: "test", level: "silent" });
  const beside = await openDatabase({ databaseUrl: database.url, dataDir: "/nowhere", logger });
  t.after(() => beside.close());
  const limits = { replyBytes: 200, briefBytes: 300, replyBytesPerTenant: 500, requestsPerTenant: 5 };
  const hosts = [createIdempotency({ db }), createIdempotency({ db: beside.kysely("core") })] as const;
  let tenants = 0;
  async function fresh(): Promise<string> {
    const id = `tnt_${++tenants}`;
    await db.insertInto("tenants").values({ id, name: "A tenant" }).execute();
    return id;
  }
  const usageOf = async (tenantId: string) => {
    const row = await db
      .selectFrom("idempotency_usage")
      .select(["requests", "reply_bytes"])
      .where("tenant_id", "=", tenantId)
      .executeTakeFirstOrThrow();
    return [Number(row.requests), Number(row.reply_bytes)];
  };

  await t.test("are had by one of many who come at once, on every host", async () => {
    const tenantId = await fresh();
    const request = { tenantId, key: "k", asks: 1, admit };
    const { promise: allAreThere, resolve: go } = Promise.withResolvers<void>();
    const many = 16;
    let [runs, inUse] = [0, 0];
    const arrive = () => void (runs + inUse === many && go());
    const wait: Work = async (effects) => {
      runs += 1;
      arrive();
      await allAreThere;
      return writes(effects);
    };
    const answers = await Promise.all(
      Array.from({ length: many }, (_, i) =>
        hosts[i % 2 === 0 ? 0 : 1].once(request, wait).catch((error) => {
          inUse += 1;
          arrive();
          return error.code;
        }),
      ),
    );
    assert.equal(runs, 1);
    assert.deepEqual(
      answers.filter((answer) => answer !== "idempotency-key-in-use"),
      [done()],
    );
    assert.deepEqual((await hosts[1].once(request, refused)).headers, { "Idempotent-Replayed": "true" });
  });

  await t.test("that are freed between two looks are had by one all the same", async () => {
    const tenantId = await fresh();
    const request = { tenantId, key: "k", asks: 1, admit };
    const looked = Promise.withResolvers<void>();
    const freed = Promise.withResolvers<void>();
    // A host that is held up after its first look, in which it has found that somebody has the key.
    let looks = 0;
    const heldUp: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (++looks === 1) {
          looked.resolve();
          await freed.promise;
        }
        return result;
      },
    };
    const slow = createIdempotency({ db: beside.kysely<CoreDatabase>("core").withPlugin(heldUp) });
    let late: Promise<unknown> | undefined;
    const first = hosts[0].once(request, async (effects) => {
      late = slow.once(request, writes);
      await looked.promise;
      return refused(effects);
    });
    await assert.rejects(first, { code: "vendor-input-refused" });
    freed.resolve();
    assert.deepEqual(await late, done());
    const kept = await hosts[1].once(request, refused);
    assert.deepEqual(kept.headers, { "Idempotent-Replayed": "true" }, "its answer is kept as any other");
  });

  await t.test("are freed by what changed nothing, whatever it failed with", async () => {
    const tenantId = await fresh();
    const request = { tenantId, key: "k", asks: 1, admit };
    const fails = async () => {
      throw new Error("The host's own.");
    };
    await assert.rejects(hosts[0].once(request, fails), /The host's own/);
    await assert.rejects(hosts[0].once(request, refused), { code: "vendor-input-refused" });
    assert.deepEqual(await usageOf(tenantId), [0, 0]);
    const wrote: Work = async (effects) => {
      await writes(effects);
      throw coreError("vendor-rate-limited", "Later.");
    };
    await assert.rejects(hosts[0].once(request, wrote), { code: "vendor-rate-limited" });
    await assert.rejects(hosts[1].once(request, writes), { code: "vendor-rate-limited" });
    // A write that is still on its way counts as one that was made.
    const onItsWay: Work = async (effects) => {
      effects.begin(true);
      return refused(effects);
    };
    await assert.rejects(hosts[0].once({ ...request, key: "k2" }, onItsWay), {
      code: "vendor-input-refused",
    });
    await assert.rejects(hosts[1].once({ ...request, key: "k2" }, writes), { code: "vendor-input-refused" });
  });

  await t.test("and answers are kept up to a bound, and go after a day", async () => {
    const small = createIdempotency({ db, limits });
    const [tenantId, other] = [await fresh(), await fresh()];
    const once = (key: string, work: Work, of = tenantId) =>
      small.once({ tenantId: of, key, asks: 1, admit }, work);
    const notKept = { code: "idempotency-reply-not-kept" };
    const large: Work = async () => done("x".repeat(200));
    const medium: Work = async () => done("x".repeat(130));
    assert.equal((await once("large", large)).status, 200);
    await assert.rejects(once("large", large), notKept, "more than one answer may take");
    // What is kept in brief is of a thousand parts: of them it has room for each.
    const third = await fresh();
    const briefly =
      (size: number): Work =>
      async () => ({ ...done("x".repeat(400)), brief: "y".repeat(size) });
    await once("brief", briefly(220), third);
    assert.equal((await once("brief", large, third)).body, "y".repeat(220));
    await once("not brief", briefly(300), third);
    await assert.rejects(once("not brief", large, third), notKept);
    for (const key of ["a", "b"]) await once(key, medium);
    assert.equal((await once("b", large)).body, "x".repeat(130));
    await once("c", medium);
    await assert.rejects(once("c", medium), notKept, "more than the tenant's may take together");
    await once("d", writes);
    await assert.rejects(once("e", writes), { code: "idempotency-keys-exhausted", status: 429 });
    assert.equal((await once("a", large)).status, 200, "what is kept is answered all the same");
    assert.equal((await once("e", writes, other)).status, 200, "another tenant has its own");

    await db
      .updateTable("idempotent_requests")
      .set({ created_at: new Date(Date.now() - 25 * 3_600_000) })
      .where("tenant_id", "=", tenantId)
      .execute();
    assert.equal(await small.prune(new AbortController().signal), 5);
    assert.deepEqual(await usageOf(tenantId), [0, 0]);
    assert.deepEqual((await once("a", writes)).headers, {});
    const [requests] = await usageOf(other);
    assert.equal(requests, 1);
  });

  await t.test(
    "and more than one statement deletes go too, also what a host that went down began",
    async () => {
      const tenantId = await fresh();
      const many = 1_001;
      await sql`insert into core.idempotent_requests (tenant_id, key, fingerprint, created_at)
      select ${tenantId}, 'k' || i, 'x', now() - interval '25 hours' from generate_series(1, ${many}::int) i`.execute(
        db,
      );
      await db
        .insertInto("idempotency_usage")
        .values({ tenant_id: tenantId, requests: many, reply_bytes: 7 })
        .execute();
      assert.equal(await hosts[0].prune(new AbortController().signal), many);
      assert.deepEqual(await usageOf(tenantId), [0, 7]);
    },
  );

  await t.test("made of parts are gone on with by one, and by nobody who has lost them", async () => {
    const request = { tenantId: await fresh(), key: "k", asks: 1, admit, resumableAfterMs: 0 };
    const { promise: hold, resolve: end } = Promise.withResolvers<void>();
    const { promise: isBegun, resolve: begun } = Promise.withResolvers<void>();
    const [here, there] = hosts;
    const { promise: late, resolve: asked } = Promise.withResolvers<boolean | undefined>();
    const first = here.once(request, async (_, journal) => {
      await journal?.begin([0, 1]);
      await journal?.end(new Map([[0, { text: "\0" }]]));
      begun();
      await hold;
      asked(await journal?.begin([5]));
      return done("too late");
    });
    await isBegun;
    const fails: Work = async (_, journal) => {
      await journal?.begin([3]);
      throw coreError("connection-inactive", "Not now.");
    };
    await assert.rejects(there.once(request, fails), { code: "connection-inactive" });
    const resumed = await there.once(request, async (_, journal) => {
      assert.deepEqual([...(journal?.before ?? [])].sort(), [
        [0, { text: "\0" }],
        [1, null],
        [3, null],
      ]);
      assert.equal(await journal?.begin([1]), false, "what was begun is not begun again");
      assert.equal(await journal?.begin([2, 4]), true);
      end();
      assert.equal(await late, false, "whoever has lost it begins nothing more");
      return done("all of it");
    });
    assert.equal(resumed.body, "all of it");
    assert.equal((await first).body, "too late", "its own caller is told what it knows");
    assert.equal((await here.once(request, writes)).body, "all of it");
    const parts = await db.selectFrom("batch_parts").selectAll().execute();
    assert.deepEqual(parts, []);
  });
});
