import assert from "node:assert/strict";
import { test } from "node:test";
import { coreError } from "../../errors.ts";
import { type BatchLimits, createBatches, defaultBatchLimits } from "../../kernel/batches/index.ts";

/** Batches whose units end when the test says so. */
function scene(limits: Partial<BatchLimits> = {}) {
  const reached: string[] = [];
  const batches = createBatches({
    limits: { ...defaultBatchLimits, ...limits },
    logger: { error() {}, warn() {} },
    limitReached: (_, limit) => void reached.push(limit),
  });
  const begun: string[] = [];
  const ends = new Map<string, (done?: { isOk?: boolean; bytes?: number }) => void>();
  function run(
    tenantId: string,
    units: string[],
    more: { stopsOnError?: boolean; signal?: AbortSignal } = {},
  ) {
    const skipped: string[] = [];
    const ended = batches
      .run({
        tenantId,
        plugin: "acme/x",
        units,
        stopsOnError: false,
        signal: new AbortController().signal,
        ...more,
        begin: async () => true,
        perform(unit) {
          begun.push(unit);
          return new Promise((resolve) =>
            ends.set(unit, ({ isOk = true, bytes = 0 } = {}) => resolve({ isOk, bytes })),
          );
        },
        skip: (unit, { code }) => void skipped.push(`${unit} ${code}`),
      })
      .then(() => skipped);
    return { ended, skipped };
  }
  /** Ends a unit, and waits until what follows from that has happened. */
  async function end(unit: string, done?: { isOk?: boolean; bytes?: number }): Promise<void> {
    ends.get(unit)?.(done);
    await new Promise(setImmediate);
  }
  return { run, begun, end, reached, failureOf: batches.failureOf };
}

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);

test("of a batch eight are under way at a time", async () => {
  const { run, begun, end } = scene();
  const { ended } = run("a", numbered("a", 20));
  await new Promise(setImmediate);
  assert.equal(begun.length, 8);
  await end("a3");
  assert.deepEqual(begun.slice(8), ["a8"]);
  for (const unit of numbered("a", 20)) await end(unit);
  assert.deepEqual([await ended, begun.length], [[], 20]);
});

test("tenants take turns, and none has more than its part", async () => {
  const { run, begun, end } = scene({ hostBatchCalls: 3, hostBatchCallsPerTenant: 2 });
  const many = [run("a", numbered("a", 8)), run("a", numbered("b", 8))];
  const one = run("z", ["z0"]);
  await new Promise(setImmediate);
  assert.deepEqual(begun, ["a0", "a1", "z0"], "two of one tenant, and the other's at once");
  const late = run("y", ["y0"]);
  await end("a0");
  await end("a1");
  assert.ok(begun.indexOf("y0") <= 4, "with no more than one of those that came earlier before it");
  for (let index = 0; index < begun.length; index++) await end(begun[index] ?? "");
  await Promise.all([...many, one, late].map(({ ended }) => ended));
  assert.equal(begun.length, 18);
});

test("a batch that is out of time begins nothing more, and ends what is under way", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { run, begun, end, reached } = scene({ batchMs: 1_000, hostBatchCallsPerTenant: 2 });
  const { ended, skipped } = run("a", numbered("a", 5));
  await new Promise(setImmediate);
  t.mock.timers.tick(999);
  await end("a0");
  t.mock.timers.tick(1);
  await end("a1");
  await end("a2");
  assert.deepEqual(begun, ["a0", "a1", "a2"]);
  assert.deepEqual(await ended, ["a3 batch-deadline-exceeded", "a4 batch-deadline-exceeded"]);
  assert.deepEqual([skipped.length, reached], [2, ["batchMs"]]);
});

test("what nobody waits for any more is not begun", async () => {
  const { run, begun, end } = scene();
  const client = new AbortController();
  const { ended } = run("a", numbered("a", 9), { signal: client.signal });
  await new Promise(setImmediate);
  client.abort();
  for (const unit of numbered("a", 8)) await end(unit);
  assert.deepEqual([await ended, begun.length], [["a8 batch-stopped"], 8]);
});

test("where it stops on errors, one comes after the other, and none after the first that failed", async () => {
  const { run, begun, end } = scene();
  const { ended } = run("a", numbered("a", 4), { stopsOnError: true });
  await new Promise(setImmediate);
  assert.deepEqual(begun, ["a0"]);
  await end("a0");
  await end("a1", { isOk: false });
  assert.deepEqual(await ended, ["a2 batch-stopped", "a3 batch-stopped"]);
  assert.deepEqual(begun, ["a0", "a1"]);
});

test("an answer that is full gets nothing more", async () => {
  const { run, end } = scene({ hostBatchCallsPerTenant: 1 });
  const { ended } = run("a", numbered("a", 3));
  await new Promise(setImmediate);
  await end("a0", { bytes: 5 * 1024 * 1024 });
  await end("a1", { bytes: 5 * 1024 * 1024 });
  assert.deepEqual(await ended, ["a2 batch-stopped"]);
});

test("a tenant has so many batches under way, and a host, and no more", async () => {
  const { run, end, reached } = scene({ batchesPerTenant: 2, hostBatches: 3 });
  const both = [run("a", ["a0"]), run("a", ["a1"])];
  await assert.rejects(run("a", ["a2"]).ended, { code: "batches-limit-exceeded", status: 429 });
  assert.deepEqual(reached, ["batchesPerTenant"]);
  const other = run("b", ["b0"]);
  await assert.rejects(run("c", ["c0"]).ended, {
    code: "batches-limit-exceeded",
    message: /^This host has 3/,
  });
  assert.equal(reached.at(-1), "hostBatches");
  await new Promise(setImmediate);
  for (const unit of ["a0", "a1", "b0"]) await end(unit);
  await Promise.all([...both, other].map(({ ended }) => ended));
  const again = run("a", ["a3"]);
  await new Promise(setImmediate);
  await end("a3");
  assert.deepEqual(await again.ended, []);
});

test("what was refused for the vendor was not done; what the host held back may have been begun with", () => {
  const { failureOf } = scene();
  const limited = (reason: string) =>
    coreError("vendor-rate-limited", "Later.", { reason }, { headers: { "Retry-After": "7" } });
  const told = (reason: string, had: boolean, isOne = true) => {
    const { status, problem } = failureOf(limited(reason), { had }, isOne);
    return [status, problem.retryAfterSeconds];
  };
  assert.deepEqual(told("rate-limited", true), ["failed", 7]);
  assert.deepEqual(told("rate-limited", true, false), ["unknown", undefined], "one of many may have been");
  assert.deepEqual(told("fetch-rate-limited", true), ["unknown", undefined]);
  assert.deepEqual(told("fetch-rate-limited", false), ["failed", 7]);
});
