import assert from "node:assert/strict";
import { test } from "node:test";
import { coreError } from "../../errors.ts";
import { type BatchLimits, createBatches, defaultBatchLimits } from "../../kernel/batches/index.ts";
import { turnedClock } from "../capabilities/harness.ts";

interface End {
  isOk?: boolean;
  bytes?: number;
  slowDown?: { askedMs: number | undefined; again: string | undefined; againBytes?: number };
}

/** Batches whose units end when the test says so, in a time that the test turns. */
function scene(limits: Partial<BatchLimits> = {}) {
  const reached: string[] = [];
  const clock = turnedClock();
  const batches = createBatches({
    limits: { ...defaultBatchLimits, ...limits },
    logger: { error() {}, warn() {} },
    limitReached: (_, limit) => void reached.push(limit),
    clock,
  });
  const begun: string[] = [];
  const final: string[] = [];
  const signals = new Map<string, AbortSignal>();
  const ends = new Map<string, (done?: End) => void>();
  function run(
    tenantId: string,
    units: string[],
    more: {
      stopsOnError?: boolean;
      signal?: AbortSignal;
      bytes?: number;
      whenSent?: (release: () => void) => void;
    } = {},
  ) {
    const skipped: string[] = [];
    const ended = batches
      .run({
        tenantId,
        plugin: "acme/x",
        units,
        bytes: 0,
        whenSent: (release) => release(),
        stopsOnError: false,
        signal: new AbortController().signal,
        ...more,
        begin: async () => true,
        perform(unit, signal) {
          begun.push(unit);
          signals.set(unit, signal);
          return new Promise((resolve) =>
            ends.set(unit, ({ isOk = true, bytes = 0, slowDown } = {}) =>
              resolve({ isOk, bytes, ...(slowDown && { slowDown: { againBytes: 0, ...slowDown } }) }),
            ),
          );
        },
        end: async (unit) => void final.push(unit),
        skip: (unit, { code }) => void skipped.push(`${unit} ${code}`),
      })
      .then(() => skipped);
    return { ended, skipped };
  }
  /** What follows from what was done has happened. */
  const settled = () => new Promise(setImmediate);
  async function end(unit: string, done?: End): Promise<void> {
    ends.get(unit)?.(done);
    await settled();
  }
  /** Ends a unit as one that the vendor is too busy for. */
  const limit = (unit: string, askedMs?: number, again: string | undefined = unit) =>
    end(unit, { isOk: false, slowDown: { askedMs, again } });
  async function turn(ms: number): Promise<void> {
    clock.turn(ms);
    await settled();
  }
  const { failureOf } = batches;
  return { run, begun, final, signals, end, limit, turn, settled, clock, reached, failureOf };
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

test("a batch that is out of time begins nothing more, and ends what is under way", async () => {
  const { run, begun, end, turn, settled, signals, reached } = scene({
    batchMs: 1_000,
    hostBatchCallsPerTenant: 2,
  });
  const { ended, skipped } = run("a", numbered("a", 5));
  await settled();
  await turn(999);
  await end("a0");
  assert.equal(signals.get("a1")?.aborted, false);
  await turn(1);
  assert.equal(signals.get("a1")?.reason.code, "batch-deadline-exceeded", "what has not left need not leave");
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

test("where the vendor asks to slow down nothing is begun meanwhile, and what it refused is performed again", async () => {
  const { run, begun, final, end, limit, turn, settled, clock } = scene({ hostBatchCallsPerTenant: 2 });
  const { ended } = run("a", numbered("a", 4));
  await settled();
  await limit("a0", 5_000, "a0'");
  await end("a1");
  await turn(4_999);
  assert.deepEqual(begun, ["a0", "a1"], "others would be refused as well");
  await turn(1);
  assert.deepEqual(begun.slice(2).sort(), ["a0'", "a2"]);
  assert.deepEqual(final, ["a1"], "it is not over for what is performed again");
  for (const unit of ["a0'", "a2", "a3"]) await end(unit);
  assert.deepEqual([await ended, final.sort(), clock.pending()], [[], numbered("a", 4), 0]);
});

test("a tenant's other batches have the turn of what waits for its vendor", async () => {
  const { run, begun, end, limit, turn, settled } = scene({ hostBatchCallsPerTenant: 1 });
  const slow = run("a", ["slow"]);
  const other = run("a", ["other"]);
  await settled();
  await limit("slow", 5_000);
  assert.deepEqual(begun, ["slow", "other"]);
  await end("other");
  await turn(5_000);
  await end("slow");
  assert.deepEqual([await slow.ended, await other.ended], [[], []]);
});

test("what the vendor refuses without saying for how long waits alone, longer each time, and not for ever", async () => {
  const { run, begun, final, end, limit, turn, settled, clock } = scene({ hostBatchCallsPerTenant: 1 });
  const { ended } = run("a", ["a", "b"]);
  await settled();
  const pauses: number[] = [];
  for (let time = 0; time < 4; time++) {
    await limit("a");
    if (time === 0) assert.deepEqual(begun, ["a", "b"], "others may be let in");
    if (time === 0) await end("b");
    const { length } = begun;
    const before = clock.now();
    while (begun.length === length) await turn(500);
    pauses.push(clock.now() - before);
  }
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000]);
  await limit("a");
  assert.deepEqual([await ended, final, clock.pending()], [[], ["b", "a"], 0]);
});

test("what has no time left for its own pause is over, and the rest is not", async () => {
  const { run, begun, end, limit, turn, settled } = scene({ batchMs: 10_000, hostBatchCallsPerTenant: 1 });
  const { ended } = run("a", ["a", "b"]);
  await settled();
  await turn(9_000);
  await limit("a");
  assert.deepEqual(begun, ["a", "b"]);
  await end("b");
  assert.deepEqual(await ended, []);
});

test("what asks for a longer pause than the batch has is over, and so is the rest", async () => {
  const { run, begun, final, limit, turn, settled, reached } = scene({
    batchMs: 10_000,
    hostBatchCallsPerTenant: 1,
  });
  const { ended } = run("a", numbered("a", 3));
  await settled();
  await turn(4_000);
  await limit("a0", 6_000);
  assert.deepEqual(await ended, ["a1 batch-deadline-exceeded", "a2 batch-deadline-exceeded"]);
  assert.deepEqual([begun, final, reached], [["a0"], ["a0"], []]);
});

test("a pause ends with its batch", async () => {
  const { run, begun, final, limit, settled, clock } = scene();
  const client = new AbortController();
  const { ended } = run("a", ["a0"], { signal: client.signal });
  await settled();
  await limit("a0", 5_000);
  client.abort();
  assert.deepEqual([await ended, begun, final, clock.pending()], [[], ["a0"], ["a0"], 0]);
});

test("what was done in part is not performed again, and what comes after it waits", async () => {
  const { run, begun, final, end, turn, settled } = scene({ hostBatchCallsPerTenant: 1 });
  const { ended } = run("a", ["a0", "a1"]);
  await settled();
  await end("a0", { isOk: false, slowDown: { askedMs: 2_000, again: undefined } });
  assert.deepEqual([begun, final], [["a0"], ["a0"]]);
  await turn(2_000);
  assert.deepEqual(begun, ["a0", "a1"]);
  await end("a1");
  assert.deepEqual(await ended, []);
});

test("batches of a tenant, and of a host, hold so many bytes and no more", async () => {
  const { run, end, settled, reached } = scene({ batchBytesPerTenant: 100, hostBatchBytes: 150 });
  const first = run("a", ["a0", "a1"], { bytes: 60 });
  await assert.rejects(run("a", ["a2"], { bytes: 41 }).ended, {
    code: "batches-limit-exceeded",
    status: 429,
    message: /^This tenant's batches hold 60 bytes already/,
  });
  assert.deepEqual(reached, ["batchBytesPerTenant"]);
  const other = run("b", ["b0"], { bytes: 90 });
  await assert.rejects(run("c", ["c0"], { bytes: 1 }).ended, {
    code: "batches-limit-exceeded",
    message: /^This host's batches hold 150 bytes already/,
  });
  assert.deepEqual(reached, ["batchBytesPerTenant", "hostBatchBytes"]);
  await settled();
  for (const unit of ["a0", "a1", "b0"]) await end(unit);
  await Promise.all([first.ended, other.ended]);
  const again = run("a", ["a2"], { bytes: 100 });
  await settled();
  await end("a2");
  assert.deepEqual(await again.ended, [], "what has ended holds nothing");
});

test("answers count with it, and a batch for which there is no more room begins nothing more", async () => {
  const { run, begun, end, settled, reached } = scene({
    batchBytesPerTenant: 100,
    hostBatchCallsPerTenant: 1,
  });
  const { ended } = run("a", numbered("a", 3), { bytes: 40 });
  await settled();
  await end("a0", { bytes: 60 });
  await end("a1", { bytes: 1 });
  assert.deepEqual(await ended, ["a2 batch-stopped"]);
  assert.deepEqual([begun, reached], [["a0", "a1"], ["batchBytesPerTenant"]]);
});

test("an answer that another one replaces counts no more", async () => {
  const { run, begun, end, turn, settled, reached } = scene({
    batchBytesPerTenant: 100,
    hostBatchCallsPerTenant: 1,
  });
  const { ended } = run("a", ["a0", "a1"]);
  await settled();
  for (const pauseMs of [1_000, 2_000, 4_000]) {
    const slowDown = { askedMs: undefined, again: "a0", againBytes: 50 };
    await end("a0", { isOk: false, bytes: begun.length < 3 ? 60 : 50, slowDown });
    if (pauseMs === 1_000) await end("a1", { bytes: 10 });
    await turn(pauseMs);
  }
  await end("a0", { bytes: 70 });
  assert.deepEqual(await ended, []);
  assert.deepEqual([begun, reached], [["a0", "a1", "a0", "a0", "a0"], []]);
});

test("what nobody has taken of an answer yet counts, and keeps no place", async () => {
  const { run, end, settled } = scene({ batchBytesPerTenant: 100, batchesPerTenant: 1 });
  const { promise: sent, resolve: send } = Promise.withResolvers<void>();
  const first = run("a", ["a0"], { whenSent: (release) => void sent.then(release) });
  await settled();
  await end("a0", { bytes: 90 });
  await first.ended;
  await assert.rejects(run("a", ["a1"], { bytes: 11 }).ended, { message: /hold 90 bytes/ });
  const small = run("a", ["a2"], { bytes: 10 });
  await settled();
  await end("a2");
  await small.ended;
  send();
  await settled();
  const large = run("a", ["a3"], { bytes: 100 });
  await settled();
  await end("a3");
  assert.deepEqual(await large.ended, []);
});
