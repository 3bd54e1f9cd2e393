import { createBusyness } from "./busyness.ts";
import type { HostCall } from "./calls.ts";
import type { SandboxLimits } from "./limits.ts";
import type { Measured, Vitals } from "./messages.ts";
import type { ReadonlyNumbered } from "./numbered.ts";
import type { Thread } from "./thread.ts";
import { canPutBack } from "./walls/index.ts";

export type Violation = "blocked" | "heap" | "external-memory" | "protocol";

export interface Watchdog {
  /** A call has begun. */
  wake(): void;
  /** A call has ended, so the thread does not spin. Between short calls it may not get to answer a ping. */
  progress(): void;
  stop(): void;
  readonly vitals: Vitals;
}

const TICK_MS = 20;
/**
 * Ticks without a call after which the watchdog sleeps, once the thread has answered: a call may leave behind what does
 * not end. Sequential calls then find it awake, and idleness is free.
 */
const IDLE_TICKS = 5;
/** From this part of a limit on the thread is asked to make room: to collect garbage, and forget tenants it may forget. */
const PRESSURE = 0.75;
/** So far over a limit there is no point in asking. */
const FAR = 2;
/** How long it may take to make room, and how long what it made should do. */
const COLLECT_MS = 500;
const ROOM_MS = 1_000;
/**
 * An honest thread answers the end of a call in the turn in which it hears of it. One that goes on to answer so many pings
 * and not that would keep its place for ever.
 */
const BEATS_TO_END = 50;
/**
 * When not even V8 answers, in multiples of `blockMs`. Counted in our own ticks since it was asked: a host that was paused,
 * or busy itself, has not listened meanwhile.
 */
const DEAF = 5;

/**
 * Looks, while calls are in flight and until the thread is quiet, at their deadlines, at the thread's memory and CPU, and at whether its event
 * loop still turns. Costs one timer, one small message and two reads per tick.
 */
export function createWatchdog(o: {
  thread: Thread;
  limits: SandboxLimits;
  calls: ReadonlyNumbered<HostCall>;
  startsBusy: boolean;
  onDeadline(call: number): void;
  onPing(): void;
  /** CPU time of the thread's whole life. */
  onCpu(totalMs: number): void;
  /** The thread does not answer its ping, the call's code runs, and so much was taken since it was measured before. */
  onSilent(call: number, ms: number): void;
  /** `call`: whose doing it is, when that is known and need not be the one whose code runs now. */
  onViolation(violation: Violation, call?: number): void;
}): Watchdog {
  const { thread, limits, calls } = o;
  const busyness = createBusyness({
    startsBusy: o.startsBusy,
    isFinal: !canPutBack(),
    onChange: thread.setPriority,
  });
  let timer: NodeJS.Timeout | undefined;
  let idleTicks = 0;
  let vitals: Vitals | undefined;
  let asking = false;
  let unansweredTicks = 0;
  let beat = 0;
  /** A turn in which the thread did not answer the beat, and its CPU time when it was first seen in that turn. */
  let silentTurn: number | undefined;
  let cpuAtTurn = 0;
  /** CPU of the thread when it was measured last, while it did not answer the beat. */
  let cpuInSilence: number | undefined;
  /** Calls that the host has ended, and the ping of that time. */
  const ending = new Map<number, number>();
  let collection: { at: number; doneAtBeat: number } | undefined;

  const tick = () => {
    idleTicks = calls.size === 0 ? idleTicks + 1 : 0;
    if (idleTicks >= IDLE_TICKS && thread.lastBeat() === beat) return stop();
    const now = performance.now();
    for (const [number, call] of calls) {
      if (call.settled) {
        if (thread.lastBeat() >= endedAt(number) + BEATS_TO_END) return o.onViolation("protocol", number);
      } else if (now >= call.deadlineAt) o.onDeadline(number);
    }
    for (const number of ending.keys()) if (!calls.has(number)) ending.delete(number);
    // Starting is our own code's work, and counts for nobody.
    if (!thread.isReady()) return;
    if (thread.lastBeat() === beat) {
      beat += 1;
      silentTurn = cpuInSilence = undefined;
      o.onPing();
      thread.post({ type: "ping", beat });
    }
    if (asking) {
      unansweredTicks += 1;
      if (unansweredTicks * TICK_MS > limits.blockMs * DEAF) o.onViolation("blocked");
      return;
    }
    asking = true;
    unansweredTicks = 0;
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

  const endedAt = (number: number): number => {
    const known = ending.get(number) ?? beat;
    ending.set(number, known);
    return known;
  };

  /**
   * Only what one turn took says that a call does not give the thread back: many short turns may come between a ping and
   * its answer, and no call is to answer for others'.
   */
  const judgeSilence = ({ turn, call, cpuMs }: Measured) => {
    const spentMs = cpuMs - (cpuInSilence ?? cpuMs);
    cpuInSilence = cpuMs;
    if (turn === undefined || turn !== silentTurn) cpuAtTurn = cpuMs;
    silentTurn = turn;
    // Whose code was measured is not known.
    if (turn === undefined) return;
    o.onSilent(call, spentMs);
    if (cpuMs - cpuAtTurn >= limits.blockMs) o.onViolation("blocked", call);
  };

  const judge = (measured: Measured) => {
    vitals = measured;
    o.onCpu(measured.cpuMs);
    busyness.measured(measured.cpuMs, performance.now());
    if (thread.lastBeat() !== beat) judgeSilence(measured);
    if (timer) judgeMemory(worstMemory(measured, limits));
  };

  const judgeMemory = ({ violation, times }: { violation: Violation; times: number }) => {
    if (times >= FAR) return o.onViolation(violation);
    if (times <= PRESSURE) {
      collection = undefined;
      return;
    }
    const now = performance.now();
    if (!collection) {
      collection = { at: now, doneAtBeat: beat + 1 };
      thread.post({ type: "collect" });
      return;
    }
    const done = thread.lastBeat() >= collection.doneAtBeat;
    if (times > 1 && (done || now - collection.at > COLLECT_MS)) o.onViolation(violation);
    else if (done && now - collection.at > ROOM_MS) collection = undefined;
  };

  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    wake() {
      idleTicks = 0;
      if (timer) return;
      busyness.passed(performance.now());
      timer = setInterval(tick, TICK_MS);
    },
    progress() {
      silentTurn = undefined;
      unansweredTicks = 0;
    },
    stop,
    get vitals() {
      return vitals ?? { heapBytes: 0, externalBytes: 0, cpuMs: 0 };
    },
  };
}

/** The use that stands worst against its limit. */
function worstMemory(vitals: Vitals, limits: SandboxLimits): { violation: Violation; times: number } {
  const heap = vitals.heapBytes / limits.heapBytes;
  const external = vitals.externalBytes / limits.externalBytes;
  return heap >= external
    ? { violation: "heap", times: heap }
    : { violation: "external-memory", times: external };
}
