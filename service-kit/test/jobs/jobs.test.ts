import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { createJobs, type Job, type Jobs, UnrecoverableJobError } from "@plugboard/service-kit/jobs";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";

interface Note {
  text: string;
}

/** Collects what handlers were given, and lets a test wait for it. */
function collector() {
  const seen: string[] = [];
  const waiting: (() => void)[] = [];
  return {
    seen,
    add(text: string) {
      seen.push(text);
      for (const check of waiting) check();
    },
    count: (count: number) =>
      new Promise<void>((resolve) => {
        const check = () => seen.length >= count && resolve();
        waiting.push(check);
        check();
      }),
  };
}

async function setUp(t: TestContext, define: (jobs: Jobs) => void) {
  const database = await openTestDatabase(t);
  const output = new PassThrough().setEncoding("utf8");
  const logger = createLogger({ name: "test", level: "info", destination: output });
  const jobs = createJobs({ database, logger });
  define(jobs);
  await jobs.start();
  t.after(() => jobs.stop(5_000));
  return { database, jobs, log: () => String(output.read() ?? "") };
}

test("a job reaches its handler with what was sent", async (t) => {
  const got = collector();
  let seen: unknown[] = [];
  const queue = { name: "notes" };
  const { jobs } = await setUp(t, (all) => {
    all.define<Note>(queue.name, {
      handler: async ({ id, data, attempt, signal }) => {
        // Looked at here: once the attempt is over, its signal may be aborted.
        seen = [id, data, attempt, signal.aborted];
        got.add(data.text);
      },
    });
  });
  const id = await jobs.send<Note>(queue, { text: "hello" });
  await got.count(1);
  assert.deepEqual(seen, [id, { text: "hello" }, 1, false]);
});

test("a burst of jobs sent at once is worked through, as many at a time as allowed", async (t) => {
  const got = collector();
  let running = 0;
  let most = 0;
  const { jobs } = await setUp(t, (all) => {
    all.define<Note>("burst", {
      concurrency: 3,
      handler: async ({ data }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        got.add(data.text);
      },
    });
  });
  const texts = Array.from({ length: 60 }, (_, i) => String(i));
  await jobs.sendMany<Note>(
    { name: "burst" },
    texts.map((text) => ({ text })),
  );
  await got.count(texts.length);
  assert.deepEqual(new Set(got.seen), new Set(texts));
  assert.ok(most <= 3);
});

test("a failed job is tried again; one that fails for good is kept and can be brought back", async (t) => {
  const got = collector();
  let broken = true;
  const { jobs, database } = await setUp(t, (all) => {
    all.define<Note>("flaky", {
      retryLimit: 1,
      retryDelaySeconds: 0,
      retryBackoff: false,
      handler: async ({ data, attempt }) => {
        got.add(`${data.text} ${attempt}`);
        if (broken) throw new Error("not today");
      },
    });
  });
  const queue = { name: "flaky" };
  await jobs.send<Note>(queue, { text: "a" });
  await got.count(2);
  await row(database, "select from jobs.job where name = 'flaky.dead' and state = 'created'");
  assert.deepEqual(got.seen, ["a 1", "a 2"]);

  broken = false;
  assert.equal(await jobs.redrive(queue), 1);
  await got.count(3);
  assert.equal(got.seen[2], "a 1");
});

test("a job that cannot succeed goes to the dead letters at once", async (t) => {
  const got = collector();
  const { jobs, database } = await setUp(t, (all) => {
    all.define<Note>("hopeless", {
      retryLimit: 5,
      handler: async ({ data }) => {
        got.add(data.text);
        throw new UnrecoverableJobError("the endpoint is gone");
      },
    });
  });
  await jobs.send<Note>({ name: "hopeless" }, { text: "once" });
  await row(database, "select from jobs.job where name = 'hopeless.dead'");
  assert.deepEqual(got.seen, ["once"]);
});

test("secrets of a failed job are neither logged nor stored with its error", async (t) => {
  const got = collector();
  const { jobs, database, log } = await setUp(t, (all) => {
    all.define<Note>("leaky", {
      retryLimit: 0,
      handler: async () => {
        got.add("ran");
        throw Object.assign(new Error("refused: Authorization: Bearer sk_live_abcdefghijklmnopqrst"), {
          response: { headers: { cookie: "session-abc" } },
          password: "hunter2hunter2",
        });
      },
    });
  });
  await jobs.send<Note>({ name: "leaky" }, { text: "private words" });
  const stored = await row(
    database,
    "select output::text as text from jobs.job where name = 'leaky' and state = 'failed'",
  );
  const written = `${log()} ${String(stored.text)}`;
  assert.match(written, /refused/);
  for (const secret of ["sk_live_abcdefghijklmnopqrst", "hunter2", "session-abc", "private words"]) {
    assert.ok(!written.includes(secret), secret);
  }
});

test("a job sent in a transaction exists if and only if that commits", async (t) => {
  const got = collector();
  const { jobs, database } = await setUp(t, (all) => {
    all.define<Note>("outbox", { handler: async ({ data }) => got.add(data.text) });
  });
  const queue = { name: "outbox" };
  const client = await database.pool.connect();
  for (const [text, end] of [
    ["undone", "rollback"],
    ["done", "commit"],
  ] as const) {
    await client.query("begin");
    await jobs.send<Note>(queue, { text }, { client });
    await jobs.sendMany<Note>(queue, [{ text: `${text} too` }], { client });
    await client.query(end);
  }
  client.release();
  await got.count(2);
  assert.deepEqual(got.seen.toSorted(), ["done", "done too"]);

  const kysely = database.kysely();
  await assert.rejects(
    kysely.transaction().execute(async (transaction) => {
      await jobs.send<Note>(queue, { text: "undone in kysely" }, { transaction });
      throw new Error("changed my mind");
    }),
  );
  await kysely.transaction().execute(async (transaction) => {
    await jobs.send<Note>(queue, { text: "in kysely" }, { transaction });
  });
  await got.count(3);
  assert.deepEqual(got.seen[2], "in kysely");
});

test("jobs with the same key are worked on in order, one at a time", async (t) => {
  const got = collector();
  const { jobs } = await setUp(t, (all) => {
    all.define<Note>("ordered", {
      policy: "key_strict_fifo",
      concurrency: 4,
      handler: async ({ data }) => got.add(data.text),
    });
  });
  for (let i = 0; i < 12; i++) {
    await jobs.send<Note>({ name: "ordered" }, { text: String(i) }, { singletonKey: "endpoint" });
  }
  await got.count(12);
  assert.deepEqual(
    got.seen,
    Array.from({ length: 12 }, (_, i) => String(i)),
  );
});

test("stopping waits for what is in flight, and takes no more", async (t) => {
  const database = await openTestDatabase(t);
  const logger = createLogger({ name: "test", level: "silent" });
  const jobs = createJobs({ database, logger });
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const done: string[] = [];
  const queue = jobs.define<Note>("slow", {
    handler: async ({ data }) => {
      started.resolve();
      await finish.promise;
      done.push(data.text);
    },
  });
  await jobs.start();
  await jobs.sendMany(queue, [{ text: "first" }, { text: "second" }]);
  await started.promise;
  const stopped = jobs.stop(10_000);
  finish.resolve();
  await stopped;
  assert.deepEqual(done, ["first"]);

  const { rows } = await database.pool.query("select state from jobs.job where name = 'slow' order by state");
  assert.deepEqual(rows, [{ state: "created" }, { state: "completed" }]);
});

test("what does not finish in time is aborted, and tried again by the next process", async (t) => {
  const database = await openTestDatabase(t);
  const logger = createLogger({ name: "test", level: "silent" });
  const define = (jobs: Jobs, handler: (job: Job<Note>) => Promise<void>) =>
    jobs.define<Note>("stuck", { handler, retryDelaySeconds: 0, retryBackoff: false });

  const first = createJobs({ database, logger });
  const started = Promise.withResolvers<AbortSignal>();
  const queue = define(first, async ({ signal }) => {
    started.resolve(signal);
    await once(signal, "abort");
  });
  await first.start();
  await first.send(queue, { text: "again" });
  const signal = await started.promise;
  await first.stop(0);
  assert.equal(signal.aborted, true);

  const second = createJobs({ database, logger });
  const got = collector();
  define(second, async ({ data, attempt }) => got.add(`${data.text} ${attempt}`));
  await second.start();
  await got.count(1);
  await second.stop(5_000);
  assert.deepEqual(got.seen, ["again 2"]);
});

test("two processes start on a new database at once, and share the work", async (t) => {
  const database = await openTestDatabase(t);
  const logger = createLogger({ name: "test", level: "silent" });
  const got = collector();
  const both = [createJobs({ database, logger }), createJobs({ database, logger })];
  const [queue] = both.map((jobs) =>
    jobs.define<Note>("shared", { handler: async ({ data }) => got.add(data.text) }),
  );
  await Promise.all(both.map((jobs) => jobs.start()));
  assert.ok(queue);
  await both[0]?.sendMany(
    queue,
    Array.from({ length: 20 }, (_, i) => ({ text: String(i) })),
  );
  await got.count(20);
  await Promise.all(both.map((jobs) => jobs.stop(5_000)));
  assert.equal(new Set(got.seen).size, 20);
});

/** Waits until a query has a row; the state of a job changes a moment after its handler ended. */
async function row(
  database: { pool: { query(sql: string): Promise<{ rows: Record<string, unknown>[] }> } },
  sql: string,
) {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const { rows } = await database.pool.query(sql);
    if (rows[0]) return rows[0];
    if (performance.now() > deadline) assert.fail(`no row for: ${sql}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
