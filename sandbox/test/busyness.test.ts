import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { getPriority } from "node:os";
import { test } from "node:test";
import { createBusyness } from "../busyness.ts";
import { canPutBack, type Priority, startRunner } from "../walls/index.ts";

/** A thread that is looked at every 20 ms. */
function watch({ startsBusy = false, isFinal = false } = {}) {
  const changes: Priority[] = [];
  const busyness = createBusyness({ startsBusy, isFinal, onChange: (to) => changes.push(to) });
  let cpuMs = 70;
  let nowMs = 1_000;
  busyness.measured(cpuMs, nowMs);
  return {
    changes,
    busyness,
    run(share: number, ms: number) {
      for (const until = nowMs + ms; nowMs < until; ) {
        nowMs += 20;
        cpuMs += 20 * share;
        busyness.measured(cpuMs, nowMs);
      }
      return changes;
    },
    sleep(ms: number) {
      nowMs += ms;
      busyness.passed(nowMs);
    },
  };
}

test("a thread that answers calls is never put behind, and one that spins is at once", () => {
  const thread = watch();
  assert.deepEqual(thread.run(0.04, 60_000), []);
  assert.deepEqual(thread.run(1, 120), ["busy"]);
});

test("one that takes a fifth of a processor and goes on is put between those", () => {
  const thread = watch();
  assert.deepEqual(thread.run(0.2, 500), []);
  assert.deepEqual(thread.run(0.2, 60_000), ["eager"]);
  assert.deepEqual(thread.run(1, 500), ["eager", "busy"]);
  assert.deepEqual(thread.run(0.2, 60_000), ["eager", "busy", "eager"]);
});

test("one that spins for a tenth of a second now and then is not put behind for it", () => {
  const thread = watch();
  for (let round = 0; round < 20; round += 1) {
    thread.run(1, 60);
    thread.run(0, 1_200);
  }
  assert.deepEqual(thread.changes, []);
});

test("one that was busy is quiet again after some seconds, also when nobody looked meanwhile", () => {
  const thread = watch();
  thread.run(1, 60_000);
  assert.deepEqual(thread.run(0, 1_900), ["busy"]);
  thread.sleep(200);
  assert.deepEqual(thread.changes, ["busy", "eager"]);
  thread.sleep(8_000);
  assert.deepEqual(thread.changes, ["busy", "eager", "usual"]);
});

test("one whose last thread ended badly begins behind the others", () => {
  const thread = watch({ startsBusy: true });
  assert.deepEqual(thread.run(0, 1_900), []);
  assert.deepEqual(thread.run(0, 200), ["eager"]);
});

test("where nobody can put it back, a thread must spin for seconds until it is put behind", () => {
  const thread = watch({ isFinal: true });
  assert.deepEqual(thread.run(1, 1_000), []);
  thread.run(0, 10_000);
  assert.deepEqual(thread.run(1, 3_000), ["busy"]);
  assert.deepEqual(thread.run(0, 60_000), ["busy"]);
});

test("every thread of a process goes behind, and comes back", (t) => {
  if (!canPutBack()) return t.skip("This takes a power of root's.");
  const runner = startRunner({ module: new URL("./hostile-runner/runner.ts", import.meta.url), flags: [] });
  t.after(runner.kill);
  const { pid } = runner.child;
  const priorities = () =>
    new Set(readdirSync(`/proc/${pid}/task`).map((thread) => getPriority(Number(thread))));
  assert.deepEqual(priorities(), new Set([10]));
  runner.setPriority("busy");
  assert.deepEqual(priorities(), new Set([19]));
  runner.setPriority("usual");
  assert.deepEqual(priorities(), new Set([10]));
});
