import type { HostCall } from "./calls.ts";
import type { EndReason, Isolation, SandboxEvent, SandboxStats } from "./contract.ts";
import { SandboxError, type SandboxErrorCode } from "./errors.ts";
import { type Lane, type LaneEnd, openLane } from "./lane.ts";
import type { SandboxLimits } from "./limits.ts";
import { readablePaths } from "./locations.ts";
import type { PluginCode } from "./messages.ts";
import { submitOneByOne } from "./one-by-one.ts";

/** The thread of one plugin version, and the one after it: started when needed, ended when idle, replaced when it dies. */
export interface Pool {
  submit(call: HostCall): void;
  stats(): Pick<
    SandboxStats,
    "running" | "starts" | "crashes" | "pausedUntil" | "heapBytes" | "externalBytes" | "cpuMs"
  >;
  /** Ends the thread for good; calls that are still on it, or come later, fail with `plugin-closed`. */
  stop(): Promise<void>;
}

const codeOf: Record<EndReason, SandboxErrorCode> = {
  cpu: "plugin-cpu-exceeded",
  heap: "plugin-out-of-memory",
  "external-memory": "plugin-out-of-memory",
  crashed: "plugin-crashed",
  protocol: "plugin-crashed",
  idle: "plugin-closed",
  closed: "plugin-closed",
};

/** For whoever called; what Node or V8 said of it is in the event, since it may tell of this machine. */
function messageOf(reason: EndReason, limits: SandboxLimits): string {
  if (reason === "cpu") return `The call kept its thread busy for more than ${limits.blockMs} ms.`;
  if (reason === "heap") return `The plugin used more than ${limits.heapBytes} bytes of memory.`;
  if (reason === "external-memory")
    return `The plugin used more than ${limits.externalBytes} bytes of array buffers.`;
  return "The thread of the plugin ended unexpectedly.";
}

const MAX_PAUSE_MS = 60_000;
/** How long a thread that was told to end may take before it is reported as stuck. */
const STUCK_MS = 5_000;

export function createPool(o: {
  plugin: PluginCode;
  limits: SandboxLimits;
  workerUrl: URL;
  isolation: Isolation;
  onOutput(stream: "stdout" | "stderr", text: string): void;
  onEvent(event: SandboxEvent): void;
}): Pool {
  const { limits } = o;
  const readable = readablePaths(o.workerUrl);
  let lane: Lane | undefined;
  let lastUsed = 0;
  let idleTimer: NodeJS.Timeout | undefined;
  let starts = 0;
  let crashes = 0;
  let recentCrashes: number[] = [];
  let pausedUntil = 0;
  let closed = false;

  const open = (): Lane => {
    starts += 1;
    const startedAt = performance.now();
    return openLane({
      plugin: o.plugin,
      limits,
      workerUrl: o.workerUrl,
      readable,
      isolation: o.isolation,
      onOutput: o.onOutput,
      onReady: () => o.onEvent({ type: "thread-started", startMs: performance.now() - startedAt }),
      onEnd,
      onCallDone,
    });
  };

  const onCallDone = () => {
    lastUsed = performance.now();
    idleTimer ??= setTimeout(whenIdle, limits.idleMs).unref();
  };

  const whenIdle = () => {
    idleTimer = undefined;
    if (!lane) return;
    const restMs = lastUsed + limits.idleMs - performance.now();
    if (lane.size > 0 || restMs > 1)
      idleTimer = setTimeout(whenIdle, lane.size > 0 ? limits.idleMs : restMs).unref();
    else {
      void reportIfStuck(lane.stop(), {});
      lane = undefined;
      o.onEvent({ type: "thread-ended", reason: "idle" });
    }
  };

  const onEnd = ({ reason, detail, culprit, orphans }: LaneEnd, stopped: Promise<void>) => {
    lane = undefined;
    const who = culprit ? { tenantId: culprit.tenantId, callId: culprit.callId } : {};
    o.onEvent({ type: "thread-ended", reason, detail, ...who });
    void reportIfStuck(stopped, who);
    countCrash();
    culprit?.reject?.(new SandboxError(codeOf[reason], messageOf(reason, limits)));
    const again = orphans.filter((call) => !call.settled && !call.hadEffects && !call.replayed);
    for (const call of orphans)
      if (!again.includes(call))
        call.reject(new SandboxError("plugin-crashed", "Another call ended the plugin's thread; try again."));
    for (const call of again) call.replayed = true;
    if (culprit) for (const call of again) submit(call);
    else submitOneByOne(again, submit);
  };

  /** Settles when the thread is gone, or when it is clear that it does not go. */
  const reportIfStuck = async (stopped: Promise<void>, who: { tenantId?: string; callId?: string }) => {
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<true>((resolve) => {
      timer = setTimeout(() => resolve(true), STUCK_MS);
    });
    if (await Promise.race([stopped, stuck])) o.onEvent({ type: "thread-stuck", ...who });
    clearTimeout(timer);
  };

  const countCrash = () => {
    const now = Date.now();
    crashes += 1;
    recentCrashes = [...recentCrashes.filter((at) => at > now - limits.crashWindowMs), now];
    const tooMany = recentCrashes.length - limits.crashes;
    if (tooMany < 0) return;
    const pauseMs = Math.min(limits.backOffMs * 2 ** tooMany, MAX_PAUSE_MS);
    pausedUntil = now + pauseMs;
    o.onEvent({ type: "crash-loop", crashes: recentCrashes.length, pauseMs });
  };

  const submit = (call: HostCall) => {
    if (closed) {
      call.reject(new SandboxError("plugin-closed", "The sandbox was closed."));
      return;
    }
    const restMs = pausedUntil - Date.now();
    if (restMs > 0) {
      const message = `The plugin crashed ${recentCrashes.length} times; it is started again in ${restMs} ms.`;
      call.reject(new SandboxError("plugin-crashed", message, { retryAfterMs: restMs }));
      return;
    }
    lane ??= open();
    lane.add(call);
  };

  return {
    submit,
    stats: () => ({
      running: lane !== undefined,
      starts,
      crashes,
      pausedUntil: pausedUntil > Date.now() ? pausedUntil : 0,
      ...(lane?.vitals ?? { heapBytes: 0, externalBytes: 0, cpuMs: 0 }),
    }),
    async stop() {
      closed = true;
      clearTimeout(idleTimer);
      const last = lane;
      lane = undefined;
      if (!last) return;
      await reportIfStuck(last.stop(), {});
      o.onEvent({ type: "thread-ended", reason: "closed" });
    },
  };
}
