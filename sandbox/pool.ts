import { type HostCall, makeReady } from "./calls.ts";
import type { EndReason, Isolation, PluginCode, SandboxEvent, SandboxStats } from "./contract.ts";
import type { CpuBudget } from "./cpu-budget.ts";
import { createCrashes } from "./crashes.ts";
import { errorOfEnd, limitOfEnd } from "./ends.ts";
import { SandboxError } from "./errors.ts";
import { type Lane, type LaneEnd, type LaneOptions, openLane } from "./lane.ts";
import type { SandboxLimits } from "./limits.ts";
import { readablePaths } from "./locations.ts";
import { submitOneByOne, watchWhileWaiting } from "./one-by-one.ts";
import type { ReportLimit } from "./reached.ts";
import type { ThreadBudget, ThreadHolder, ThreadRoom } from "./thread-budget.ts";

/** The thread of one plugin version, and the one after it: started when needed, ended when idle, replaced when it dies. */
export interface Pool {
  submit(call: HostCall): void;
  stats(): Omit<SandboxStats, "callsInFlight" | "completed" | "failed">;
  /** Ends the thread for good; calls that are still on it, or come later, fail with `plugin-closed`. */
  stop(): Promise<void>;
}

const endedByAnother = () =>
  new SandboxError("plugin-crashed", "Another call ended the plugin's thread; try again.");

/** How long a thread that was told to end may take before it is reported as stuck. */
const STUCK_MS = 5_000;

export function createPool(o: {
  plugin: PluginCode;
  limits: SandboxLimits;
  workerUrl: URL;
  isolation: Isolation;
  budget: CpuBudget;
  threads: ThreadBudget;
  now(): number;
  report: ReportLimit;
  onOutput(stream: "stdout" | "stderr", text: string): void;
  onEvent(event: SandboxEvent): void;
}): Pool {
  const { limits, threads } = o;
  const readable = readablePaths(o.workerUrl);
  const crashes = createCrashes(limits, o.now);
  /** The thread, and the room that it takes of the host's. */
  let up: { lane: Lane; room: ThreadRoom } | undefined;
  /** No new calls go to the thread: another plugin waits for its room. */
  let resting = false;
  /** Calls without a thread, each with what ends the watch over it. */
  const waiting = new Map<HostCall, () => void>();
  let lastUsed = 0;
  let idleTimer: NodeJS.Timeout | undefined;
  let starts = 0;
  let crashCount = 0;
  let lastCrashAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  const holder: ThreadHolder = {
    start(room) {
      starts += 1;
      const startedAt = performance.now();
      const lane = openOrFail(room, {
        plugin: o.plugin,
        limits,
        workerUrl: o.workerUrl,
        readable,
        isolation: o.isolation,
        startsBusy: o.now() - lastCrashAt < limits.crashWindowMs,
        budget: o.budget,
        report: o.report,
        onOutput: o.onOutput,
        onReady: () => o.onEvent({ type: "thread-started", startMs: performance.now() - startedAt }),
        onEnd: (end, stopped) => onEnd(end, stopped, room),
        onCallDone,
      });
      if (!lane) return;
      up = { lane, room };
      for (const [call, stopWatching] of waiting) {
        stopWatching();
        if (!call.settled) lane.add(call);
      }
      waiting.clear();
      onCallDone();
    },
    rest() {
      if (up && up.lane.size === 0) endThread("rested");
      else resting = true;
    },
  };

  /** The operating system may have no room for one more thread or process; those who wait are told, and may come again. */
  const openOrFail = (room: ThreadRoom, options: LaneOptions): Lane | undefined => {
    try {
      return openLane(options);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      o.onEvent({ type: "thread-ended", reason: "not-started", detail });
      for (const [call, stopWatching] of waiting) {
        stopWatching();
        call.reject(errorOfEnd("not-started", limits));
      }
      waiting.clear();
      // Not at once: whoever gives out the room is not done with it yet.
      queueMicrotask(room.gone);
      return undefined;
    }
  };

  const onCallDone = () => {
    if (!up) return;
    lastUsed = performance.now();
    idleTimer ??= setTimeout(whenIdle, limits.idleMs).unref();
    if (up.lane.size > 0) return;
    if (resting) endThread("rested");
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
    resting = false;
    const stopped = lane.stop();
    if (reason !== "closed") o.onEvent({ type: "thread-ended", reason });
    await leave(room, stopped, {});
    if (reason === "closed") o.onEvent({ type: "thread-ended", reason });
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
    if (await Promise.race([gone, stuck])) o.onEvent({ type: "thread-stuck", ...who });
    clearTimeout(timer);
  };

  const onEnd = ({ reason, detail, culprit, orphans }: LaneEnd, stopped: Promise<void>, room: ThreadRoom) => {
    up = undefined;
    resting = false;
    const who = culprit ? { tenantId: culprit.tenantId, callId: culprit.callId } : {};
    o.onEvent({ type: "thread-ended", reason, detail, ...who });
    void leave(room, stopped, who);
    crashCount += 1;
    if (reason !== "not-started") lastCrashAt = o.now();
    culprit?.call?.reject(errorOfEnd(reason, limits));
    const again = orphans.filter((call) => !call.settled && !call.hadEffects && !call.replayed);
    for (const call of orphans)
      if (!again.includes(call))
        call.reject(reason === "not-started" ? errorOfEnd(reason, limits) : endedByAnother());
    for (const call of again) makeReady(call);
    if (culprit) {
      if (culprit.call?.doubt) culprit.call.doubt.isCleared = true;
      countCrash(reason, who);
      for (const call of again) submit(call);
    } else void tryAgain(again, reason);
  };

  /** Runs calls one after the other. When none of them ends the next thread, the end of the first stays nobody's. */
  const tryAgain = async (calls: HostCall[], reason: EndReason) => {
    const doubt = { isCleared: false };
    for (const call of calls) call.doubt = doubt;
    submitOneByOne(calls, submit);
    await Promise.allSettled(calls.map((call) => call.answer));
    if (!doubt.isCleared) countCrash(reason, {});
  };

  const countCrash = (reason: EndReason, who: { tenantId?: string; callId?: string }) => {
    const limit = limitOfEnd(reason);
    if (limit) o.report(limit, who);
    // A plugin that was only looked at has no tenant.
    const pause = crashes.count(who.tenantId || undefined);
    if (pause) o.onEvent({ type: "crash-loop", ...pause });
  };

  const waitForThread = (call: HostCall) => {
    const stopWatching = watchWhileWaiting(call, () => {
      o.report("threads", call);
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

  const submit = (call: HostCall) => {
    if (closed) return call.reject(new SandboxError("plugin-closed", "The sandbox was closed."));
    const pause = crashes.pauseOf(call.tenantId);
    if (pause) {
      o.report("crashes", call);
      const message = `The plugin crashed ${pause.crashes} times; it is tried again in ${pause.restMs} ms.`;
      call.reject(new SandboxError("plugin-crashed", message, { retryAfterMs: pause.restMs }));
    } else if (!up || resting) waitForThread(call);
    else {
      up.room.busy();
      up.lane.add(call);
    }
  };

  return {
    submit,
    stats: () => ({
      running: up !== undefined,
      starts,
      crashes: crashCount,
      pausedUntil: crashes.pausedUntil,
      pausedTenants: crashes.pausedTenants,
      callsWaiting: waiting.size,
      ...(up?.lane.vitals ?? { heapBytes: 0, externalBytes: 0, cpuMs: 0 }),
    }),
    async stop() {
      closed = true;
      clearTimeout(idleTimer);
      for (const call of waiting.keys())
        call.reject(new SandboxError("plugin-closed", "The sandbox was closed."));
      waiting.clear();
      threads.withdraw(holder);
      await endThread("closed");
    },
  };
}
