import type { Priority } from "./walls/index.ts";

/** Tells threads that go on and on from those that answer and wait, by what they take of the processor. */
export interface Busyness {
  /** @param cpuMs of the thread's whole life */
  measured(cpuMs: number, nowMs: number): void;
  /** Time has passed, in which nobody measured. */
  passed(nowMs: number): void;
}

interface Level {
  priority: Priority;
  /** What a thread may always take of one processor. */
  share: number;
  /** So much more than that, in ms, and it is put there. */
  patienceMs: number;
}

/**
 * The worst first. What answers calls takes a few hundredths of a processor; several that each take a fifth fill the
 * machine, and are not to come before it.
 */
const levels: readonly Level[] = [
  { priority: "busy", share: 0.25, patienceMs: 50 },
  { priority: "eager", share: 0.05, patienceMs: 100 },
];
/** Where nothing makes good again that a thread was put behind. */
const finalLevels: readonly Level[] = [{ priority: "busy", share: 0.25, patienceMs: 2_000 }];
/** What is remembered of it at each level, in ms: it is quiet again after some seconds. */
const MEMORY_MS = 500;

/**
 * For each level a bucket that CPU time fills and the clock empties. What has filled one is at that level until it is empty.
 * `startsBusy`: they begin full, since the plugin's last thread ended badly. `isFinal`: what was busy once stays so.
 */
export function createBusyness(o: {
  startsBusy: boolean;
  isFinal: boolean;
  onChange(priority: Priority): void;
}): Busyness {
  const buckets = (o.isFinal ? finalLevels : levels).map((level) => ({
    ...level,
    fillMs: o.startsBusy ? MEMORY_MS : 0,
    isOver: o.startsBusy,
  }));
  let now: Priority = o.startsBusy ? "busy" : "usual";
  let last: { cpuMs: number; atMs: number } | undefined;

  const take = (cpuMs: number, nowMs: number) => {
    // What came before is the start, our own code's work.
    last ??= { cpuMs, atMs: nowMs };
    const took = cpuMs - last.cpuMs;
    const passed = nowMs - last.atMs;
    last = { cpuMs, atMs: nowMs };
    for (const bucket of buckets) {
      const { share, patienceMs } = bucket;
      const fill = bucket.fillMs + took - share * passed;
      bucket.fillMs = Math.min(Math.max(fill, 0), Math.max(patienceMs, MEMORY_MS));
      bucket.isOver = bucket.isOver ? o.isFinal || bucket.fillMs > 0 : bucket.fillMs >= patienceMs;
    }
    const before = now;
    now = buckets.find(({ isOver }) => isOver)?.priority ?? "usual";
    if (now !== before) o.onChange(now);
  };

  return {
    measured: take,
    passed(nowMs) {
      if (last) take(last.cpuMs, nowMs);
    },
  };
}
