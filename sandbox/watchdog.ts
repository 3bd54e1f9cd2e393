import type { HostCall } from "./calls.ts";
import type { SandboxLimits } from "./limits.ts";
import type { Vitals } from "./messages.ts";
import type { Thread } from "./thread.ts";

export type Violation = "cpu" | "heap" | "external-memory";

export interface Watchdog {
  /** A call has begun. */
  wake(): void;
  /** A call has ended, so the thread does not spin. Between short calls it may not get to answer a ping. */
  progress(): void;
  stop(): void;
  readonly vitals: Vitals;
}

const TICK_MS = 20;
/** Ticks without a call after which the watchdog sleeps: sequential calls then find it awake, and idleness is free. */
const IDLE_TICKS = 5;
/** Far over a limit, or deaf for so long, there is no point in asking the thread to collect its garbage first. */
const FAR = 2;
const COLLECT_MS = 500;
/** When not even V8 answers, in multiples of `blockMs`: wall clock, so that a busy machine is not taken for a spin. */
const DEAF = 5;

/**
 * Looks, while calls are in flight, at their deadlines, at the thread's memory and CPU, and at whether its event
 * loop still turns. Costs one timer, one small message and two reads per tick.
 */
export function createWatchdog(o: {
  thread: Thread;
  limits: SandboxLimits;
  calls: ReadonlyMap<number, HostCall>;
  onDeadline(call: number): void;
  onCpuSpent(call: number): void;
  onViolation(violation: Violation): void;
}): Watchdog {
  const { thread, limits, calls } = o;
  let timer: NodeJS.Timeout | undefined;
  let idleTicks = 0;
  let vitals: Vitals | undefined;
  let asking = false;
  let beat = 0;
  let beatAt = 0;
  /** CPU of the thread when it was first seen not to have answered the beat. */
  let cpuAtSilence: number | undefined;
  let collection: { at: number; doneAtBeat: number } | undefined;

  const tick = () => {
    if (calls.size === 0) {
      idleTicks += 1;
      if (idleTicks >= IDLE_TICKS) stop();
      return;
    }
    idleTicks = 0;
    const now = performance.now();
    for (const [number, call] of calls) if (!call.settled && now >= call.deadlineAt) o.onDeadline(number);
    // Starting is our own code's work, and counts for nobody.
    if (!thread.isReady()) return;
    if (thread.lastBeat() === beat) {
      beat += 1;
      beatAt = now;
      cpuAtSilence = undefined;
      thread.post({ type: "ping", beat });
    } else if (now - beatAt > limits.blockMs * DEAF && asking) return o.onViolation("cpu");
    if (asking) return;
    asking = true;
    thread.vitals().then(
      (measured) => {
        asking = false;
        if (timer) judge(measured);
      },
      () => {
        asking = false;
      },
    );
  };

  const judge = (measured: Vitals) => {
    const spent = measured.cpuMs - (vitals?.cpuMs ?? measured.cpuMs);
    vitals = measured;
    const current = thread.currentCall();
    const call = calls.get(current);
    if (call && !call.settled) {
      call.cpuMs += spent;
      if (call.cpuMs > limits.cpuMs) o.onCpuSpent(current);
    }
    if (thread.lastBeat() !== beat) {
      cpuAtSilence ??= measured.cpuMs;
      if (measured.cpuMs - cpuAtSilence >= limits.blockMs) return o.onViolation("cpu");
    }
    const over = worstMemory(measured, limits);
    if (!over) collection = undefined;
    else if (over.times >= FAR || (collection && isOver(collection))) o.onViolation(over.violation);
    else if (!collection) {
      collection = { at: performance.now(), doneAtBeat: beat + 1 };
      thread.post({ type: "collect" });
    }
  };
  const isOver = (asked: { at: number; doneAtBeat: number }) =>
    thread.lastBeat() >= asked.doneAtBeat || performance.now() - asked.at > COLLECT_MS;

  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    wake() {
      idleTicks = 0;
      timer ??= setInterval(tick, TICK_MS);
    },
    progress() {
      cpuAtSilence = undefined;
      beatAt = performance.now();
    },
    stop,
    get vitals() {
      return vitals ?? { heapBytes: 0, externalBytes: 0, cpuMs: 0 };
    },
  };
}

function worstMemory(
  vitals: Vitals,
  limits: SandboxLimits,
): { violation: Violation; times: number } | undefined {
  const heap = vitals.heapBytes / limits.heapBytes;
  const external = vitals.externalBytes / limits.externalBytes;
  if (heap <= 1 && external <= 1) return undefined;
  return heap >= external
    ? { violation: "heap", times: heap }
    : { violation: "external-memory", times: external };
}
