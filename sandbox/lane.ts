import type { HostCall } from "./calls.ts";
import { answerLog, answerUse } from "./capabilities.ts";
import type { EndReason, Isolation } from "./contract.ts";
import { SandboxError } from "./errors.ts";
import type { SandboxLimits } from "./limits.ts";
import type { CallTask, DescribeTask, FromWorker, PluginCode, Vitals } from "./messages.ts";
import { deadlineExceeded, givenUp } from "./one-by-one.ts";
import { parseFromWorker, parseResult } from "./parse.ts";
import { settleCall } from "./results.ts";
import { startThread } from "./thread.ts";
import { createWatchdog } from "./watchdog.ts";

/** Whose doing it was. A call that has its answer may have left code behind that runs on. */
export type Culprit = Pick<HostCall, "tenantId" | "callId"> & Partial<Pick<HostCall, "reject">>;

/** Why a lane ended by itself: whose code ran last, and which other calls were on it. */
export interface LaneEnd {
  reason: EndReason;
  detail: string;
  culprit: Culprit | undefined;
  orphans: HostCall[];
}

/** One thread and the calls on it. */
export interface Lane {
  add(call: HostCall): void;
  readonly size: number;
  readonly vitals: Vitals;
  /** Ends the thread; what is still on it fails. Settles when the thread is gone. */
  stop(): Promise<void>;
}

export interface LaneOptions {
  plugin: PluginCode;
  limits: SandboxLimits;
  workerUrl: URL;
  readable: string[];
  isolation: Isolation;
  onOutput(stream: "stdout" | "stderr", text: string): void;
  onReady(): void;
  onEnd(end: LaneEnd, stopped: Promise<void>): void;
  onCallDone(): void;
}

export function openLane(o: LaneOptions): Lane {
  const { limits } = o;
  const calls = new Map<number, HostCall>();
  /** Of the last ones, whose they were. */
  const answered = new Map<number, Culprit>();
  let nextNumber = 1;
  let strays = 0;
  let ended = false;

  const guilty = (number: number | undefined): Culprit | undefined =>
    calls.get(number ?? 0) ?? answered.get(number ?? 0) ?? theOnlyOne();
  /**
   * When the thread cannot say whose code ran last. A single call is not guilty for being alone, since one before it may
   * have left code behind: it is run once more, if it can be, and then there is no doubt.
   */
  const theOnlyOne = (): HostCall | undefined => {
    const [only, ...others] = calls.values();
    return others.length === 0 && (only?.replayed || only?.hadEffects) ? only : undefined;
  };
  const remember = (number: number, { tenantId, callId }: HostCall) => {
    answered.set(number, { tenantId, callId });
    answered.delete(number - MAX_ANSWERED);
  };

  const end = (reason: EndReason, detail: string, culprit: Culprit | undefined) => {
    if (ended) return;
    ended = true;
    watchdog.stop();
    const orphans = [...calls.values()].filter((call) => call !== culprit);
    calls.clear();
    o.onEnd({ reason, detail, culprit, orphans }, thread.stop());
  };

  const onMessage = (raw: unknown) => {
    if (ended) return;
    const message = parseFromWorker(raw);
    if (!message)
      return end("protocol", "The thread sent a message that is none.", guilty(thread.currentCall()));
    const call = calls.get(message.call);
    if (!call) {
      strays += 1;
      if (strays > MAX_STRAYS)
        end("protocol", "The thread goes on about calls that are over.", guilty(thread.currentCall()));
      return;
    }
    const excess = excessOf(call, message, limits);
    if (excess) return end("protocol", excess, call);
    if (call.settled) return;
    if (message.type === "log") answerLog(call, message.line);
    else if (message.type === "use") answerUse(call, message, { limits, post: thread.post });
    else {
      call.uses.get(message.use)?.abort();
      call.uses.delete(message.use);
    }
  };

  const thread = startThread({
    isolation: o.isolation,
    plugin: o.plugin,
    limits,
    workerUrl: o.workerUrl,
    readable: o.readable,
    onMessage,
    onOutput: o.onOutput,
    onDeath: (death) => end(death.outOfMemory ? "heap" : "crashed", death.detail, guilty(death.call)),
  });
  thread.ready.then(o.onReady);

  const abandon = (number: number, why: (call: HostCall) => SandboxError) => {
    const call = calls.get(number);
    call?.reject(why(call));
    thread.post({ type: "end", call: number });
  };

  const cpuExceeded = () =>
    new SandboxError("plugin-cpu-exceeded", `The call took more than ${limits.cpuMs} ms of CPU time.`);

  const watchdog = createWatchdog({
    thread,
    limits,
    calls,
    onDeadline: (number) => abandon(number, deadlineExceeded),
    onCpuSpent: (number) => abandon(number, cpuExceeded),
    onViolation: (violation) =>
      end(violation, `The thread went over its limit: ${violation}.`, guilty(thread.currentCall())),
  });

  return {
    add(call) {
      const number = nextNumber++;
      calls.set(number, call);
      watchdog.wake();
      call.onAbort = () => abandon(number, givenUp);
      thread.run({ ...call.task, call: number } as CallTask | DescribeTask, (raw) => {
        if (ended) return;
        watchdog.progress();
        const result = parseResult(raw);
        if (!result) return end("protocol", "The thread answered with something that is no result.", call);
        calls.delete(number);
        remember(number, call);
        strays = 0;
        settleCall(call, result, limits);
        o.onCallDone();
      });
    },
    get size() {
      return calls.size;
    },
    get vitals() {
      return watchdog.vitals;
    },
    async stop() {
      ended = true;
      watchdog.stop();
      for (const call of calls.values())
        call.reject(new SandboxError("plugin-closed", "The sandbox was closed."));
      calls.clear();
      await thread.stop();
    },
  };
}

const MAX_ANSWERED = 1_000;
/** Messages for calls that are over: some come late, but not so many between two answers. */
const MAX_STRAYS = 10_000;

/** Counts a message. The thread holds these limits itself; one that does not is not ours any more. */
function excessOf(call: HostCall, message: FromWorker, limits: SandboxLimits): string | undefined {
  if (message.type === "log") {
    call.logLines += 1;
    return call.logLines > limits.logLines + 1 ? "The thread logged more than the call may." : undefined;
  }
  if (message.type === "cancel") {
    call.cancels += 1;
    return call.cancels > call.useCount ? "The thread gave up what it had not begun." : undefined;
  }
  call.useCount += 1;
  const tooMany = call.useCount > limits.capabilityCallsTotal || call.uses.size >= limits.capabilityCalls;
  return tooMany || call.uses.has(message.use)
    ? "The thread used capabilities more than the call may."
    : undefined;
}
