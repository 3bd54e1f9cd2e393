import type { HostCall } from "./calls.ts";
import type { SandboxEvent } from "./contract.ts";
import { SandboxError } from "./errors.ts";
import { type Lane, type LaneEnd, type LaneOptions, openLane } from "./lane.ts";
import type { Vitals } from "./messages.ts";
import { watchWhileWaiting } from "./one-by-one.ts";
import type { ThreadBudget, ThreadHolder, ThreadRoom } from "./thread-budget.ts";

/** A place for one thread of a plugin, and the one after it: started when needed, ended when idle. */
export interface Berth {
  /** Runs the call, or lets it wait until the host has room for the thread. */
  submit(call: HostCall): void;
  readonly isRunning: boolean;
  readonly waiting: number;
  readonly vitals: Vitals;
  /** Ends the thread as soon as it has no calls, so that the next one gets a fresh one. */
  clear(): void;
  /** Ends the thread for good; what is still on it fails with `plugin-closed`. */
  stop(): Promise<void>;
}

export interface BerthOptions
  extends Omit<LaneOptions, "onReady" | "onEnd" | "onCallDone" | "crashesLately"> {
  threads: ThreadBudget;
  onEvent(event: SandboxEvent): void;
  /** How often the plugin's threads ended badly, when that is not long ago. */
  crashesLately(): number;
  onStart(): void;
  /** The thread ended by itself. */
  onEnd(end: LaneEnd): void;
}

/** How long a thread that was told to end may take before it is reported as stuck. */
const STUCK_MS = 5_000;

const closedError = () => new SandboxError("plugin-closed", "The sandbox was closed.");

export function createBerth({ threads, onEvent, onStart, ...o }: BerthOptions): Berth {
  const { limits, report } = o;
  /** The thread, and the room that it takes of the host's. */
  let up: { lane: Lane; room: ThreadRoom } | undefined;
  /** No new calls go to the thread: another plugin waits for its room. */
  let resting = false;
  /** It is to end when it has no calls; until then it takes some. */
  let leaving = false;
  /** Calls without a thread, each with what ends the watch over it. */
  const waiting = new Map<HostCall, () => void>();
  let lastUsed = 0;
  let idleTimer: NodeJS.Timeout | undefined;

  const holder: ThreadHolder = {
    start(room) {
      onStart();
      const startedAt = performance.now();
      const lane = openOrFail(room, {
        ...o,
        crashesLately: o.crashesLately(),
        onReady: () => onEvent({ type: "thread-started", startMs: performance.now() - startedAt }),
        onEnd: (end, stopped) => onEnd(end, stopped, room),
        onCallDone,
      });
      if (!lane) return;
      up = { lane, room };
      for (const call of takeWaiting()) if (!call.settled) lane.add(call);
      onCallDone();
    },
    rest() {
      if (up && up.lane.size === 0) endThread("rested");
      else resting = true;
    },
  };

  const takeWaiting = (): HostCall[] => {
    const calls = [...waiting.keys()];
    for (const stopWatching of waiting.values()) stopWatching();
    waiting.clear();
    return calls;
  };

  /** The operating system may have no room for one more thread or process: as for one that ends while it starts. */
  const openOrFail = (room: ThreadRoom, options: LaneOptions): Lane | undefined => {
    try {
      return openLane(options);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const end = {
        reason: "not-started",
        detail,
        suspects: new Set<string>(),
        orphans: takeWaiting(),
      } as const;
      onEvent({ type: "thread-ended", reason: end.reason, detail });
      // Not at once: whoever gives out the room is not done with it yet.
      queueMicrotask(() => {
        room.gone();
        o.onEnd(end);
      });
      return undefined;
    }
  };

  const onCallDone = () => {
    if (!up) return;
    lastUsed = performance.now();
    idleTimer ??= setTimeout(whenIdle, limits.idleMs).unref();
    if (up.lane.size > 0) return;
    if (resting || leaving) endThread(resting ? "rested" : "idle");
    else up.room.idle(lastUsed);
  };

  const whenIdle = () => {
    idleTimer = undefined;
    if (!up) return;
    const restMs = lastUsed + limits.idleMs - performance.now();
    if (up.lane.size > 0 || restMs > 1)
      idleTimer = setTimeout(whenIdle, up.lane.size > 0 ? limits.idleMs : restMs).unref();
    else endThread("idle");
  };

  /** Settles when the thread is gone, or when it is clear that it does not go. */
  const endThread = async (reason: "idle" | "rested" | "closed"): Promise<void> => {
    if (!up) return;
    const { lane, room } = up;
    up = undefined;
    resting = leaving = false;
    const stopped = lane.stop();
    if (reason !== "closed") onEvent({ type: "thread-ended", reason });
    await leave(room, stopped, {});
    if (reason === "closed") onEvent({ type: "thread-ended", reason });
  };

  const leave = async (
    room: ThreadRoom,
    stopped: Promise<void>,
    who: { tenantId?: string; callId?: string },
  ): Promise<void> => {
    room.ending();
    const gone = stopped.finally(() => room.gone());
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<true>((resolve) => {
      timer = setTimeout(() => resolve(true), STUCK_MS);
    });
    if (await Promise.race([gone, stuck])) onEvent({ type: "thread-stuck", ...who });
    clearTimeout(timer);
  };

  const onEnd = (end: LaneEnd, stopped: Promise<void>, room: ThreadRoom) => {
    up = undefined;
    resting = leaving = false;
    const { tenantId, callId } = end.culprit ?? {};
    const who = { ...(tenantId && { tenantId }), ...(callId !== undefined && { callId }) };
    const { reason, detail, suspects } = end;
    const whose = reason === "not-started" ? {} : { ...who, suspects: [...suspects] };
    onEvent({ type: "thread-ended", reason, detail, ...whose });
    void leave(room, stopped, who);
    o.onEnd(end);
  };

  const waitForThread = (call: HostCall) => {
    const stopWatching = watchWhileWaiting(call, () => {
      report("threads", call);
      return new SandboxError(
        "plugin-host-busy",
        `The host runs as many plugins at once as it may, and no thread became free within ${call.deadlineMs} ms; try again.`,
      );
    });
    waiting.set(call, stopWatching);
    const leaveQueue = () => {
      if (waiting.delete(call) && waiting.size === 0) threads.withdraw(holder);
    };
    call.answer.then(leaveQueue, leaveQueue);
    if (waiting.size === 1) threads.request(holder);
  };

  return {
    submit(call) {
      if (!up || resting) return waitForThread(call);
      up.room.busy();
      up.lane.add(call);
    },
    get isRunning() {
      return up !== undefined;
    },
    get waiting() {
      return waiting.size;
    },
    get vitals() {
      return up?.lane.vitals ?? { heapBytes: 0, externalBytes: 0, cpuMs: 0 };
    },
    clear() {
      if (up?.lane.size === 0) endThread("idle");
      else leaving = up !== undefined;
    },
    async stop() {
      clearTimeout(idleTimer);
      for (const call of takeWaiting()) call.reject(closedError());
      threads.withdraw(holder);
      await endThread("closed");
    },
  };
}
