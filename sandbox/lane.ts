import type { HostCall } from "./calls.ts";
import { answerLog, answerUse } from "./capabilities.ts";
import type { EndReason, Isolation } from "./contract.ts";
import type { CpuBudget } from "./cpu-budget.ts";
import { createCpuSplit } from "./cpu-split.ts";
import { SandboxError } from "./errors.ts";
import { excessOf } from "./excess.ts";
import type { SandboxLimits } from "./limits.ts";
import type { CallTask, DescribeTask, PluginCode, Spent, Vitals } from "./messages.ts";
import { createNumbered } from "./numbered.ts";
import { deadlineExceeded, givenUp } from "./one-by-one.ts";
import { parseFromWorker, parseResult, parseSpent } from "./parse.ts";
import type { ReportLimit } from "./reached.ts";
import { settleCall } from "./results.ts";
import { createSilence } from "./silence.ts";
import { type Blame, createSuspects } from "./suspects.ts";
import { startThread } from "./thread.ts";
import { createWatchdog, type Violation } from "./watchdog.ts";

/** Why a lane ended by itself, whose doing that may have been, and which other calls were on it. */
export interface LaneEnd extends Blame {
  reason: EndReason;
  detail: string;
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
  /** How often the plugin's threads ended badly, when the last did not long ago. */
  crashesLately: number;
  budget: CpuBudget;
  report: ReportLimit;
  onOutput(stream: "stdout" | "stderr", text: string): void;
  onReady(): void;
  onEnd(end: LaneEnd, stopped: Promise<void>): void;
  onCallDone(): void;
}

export function openLane(o: LaneOptions): Lane {
  const { limits, report } = o;
  const calls = createNumbered<HostCall>();
  /** Whose calls have been here. */
  const tenants = new Set<string>();
  const suspects = createSuspects(calls);
  const silence = createSilence();
  let strays = 0;
  /** Pings that the thread may still answer with what was spent. */
  let accounts = 0;
  let ended = false;

  /** `last`: the call whose code ran last, when somebody knows. */
  const end = (reason: EndReason, detail: string, last: number | undefined = thread.currentCall()) => {
    if (ended) return;
    ended = true;
    watchdog.stop();
    const running = suspects.named(last);
    const blame = suspects.blame(reason, last);
    const charged = running ?? blame.culprit;
    if (charged) split.blame(charged.tenantId, silence.ofTenant(charged.tenantId));
    const orphans = [...calls.values()].filter((call) => call !== blame.culprit?.call);
    calls.clear();
    o.onEnd({ ...blame, reason, detail, orphans }, thread.stop());
  };
  const breach = (detail: string, call?: number) => end("protocol", detail, call);

  const takeAccount = (spent: Spent) => {
    accounts -= 1;
    if (accounts < 0) return breach("The thread tells of time that nobody asked for.");
    for (const [tenantId, ms] of spent.tenants) if (tenants.has(tenantId)) split.claim(tenantId, ms);
    for (const [number, ms] of spent.calls) {
      const call = calls.get(number);
      if (call) split.claimFor(call, ms);
    }
  };

  const onMessage = (raw: unknown) => {
    if (ended) return;
    const spent = parseSpent(raw, MAX_ACCOUNTS);
    if (spent) return takeAccount(spent);
    const message = parseFromWorker(raw);
    if (!message) return breach("The thread sent a message that is none.");
    const call = calls.get(message.call);
    if (!call) {
      strays += 1;
      if (strays > MAX_STRAYS) breach("The thread goes on about calls that are over.");
      return;
    }
    const excess = excessOf(call, message, limits);
    if (excess) return breach(excess, message.call);
    if (call.settled) return;
    if (message.type === "log") answerLog(call, message.line);
    else if (message.type === "limit") report(message.limit, call);
    else if (message.type === "use")
      answerUse(call, message, { limits, report, post: thread.post, charge: split.charge });
    else call.giveUpUse(message.use);
  };

  const onAnswer = (number: number, raw: unknown) => {
    if (ended) return;
    const call = calls.get(number);
    if (!call) return breach("The thread answered what nobody had asked.");
    watchdog.progress();
    const result = parseResult(raw);
    if (!result) return breach("The thread answered with something that is no result.", number);
    calls.delete(number);
    suspects.over(number, call);
    strays = 0;
    settleCall(call, result, o);
    o.onCallDone();
  };

  const startsBusy = o.crashesLately >= limits.crashes;
  const thread = startThread({
    isolation: o.isolation,
    plugin: o.plugin,
    limits,
    workerUrl: o.workerUrl,
    readable: o.readable,
    crashesLately: o.crashesLately,
    startsBusy,
    isIdle: () => calls.size === 0,
    onAnswer,
    onMessage,
    onOutput: o.onOutput,
    onDeath: ({ outOfMemory, detail, call = 0, isMachines }) => {
      if (thread.isReady() && !isMachines) end(outOfMemory ? "heap" : "crashed", detail, call);
      else end("not-started", detail, call);
    },
  });
  thread.ready.then(o.onReady);

  const abandon = (call: HostCall, why: SandboxError) => {
    call.reject(why);
    thread.post({ type: "end", call: call.number });
  };
  const giveUp = (call: HostCall) => abandon(call, givenUp());

  const onDeadline = (number: number) => {
    const call = calls.get(number);
    if (!call) return;
    report("deadlineMs", call);
    abandon(call, deadlineExceeded(call));
  };

  /** `ms`: what is not in the call's account yet. */
  const holdToCpu = (call: HostCall | undefined, ms = 0) => {
    if (!call || call.settled || call.cpuMs + ms <= limits.cpuMs) return;
    report("cpuMs", call);
    const message = `The call took more than ${limits.cpuMs} ms of CPU time.`;
    abandon(call, new SandboxError("plugin-cpu-exceeded", message));
  };
  const split = createCpuSplit(o.budget, holdToCpu);

  const takeSilence = (number: number, ms: number) => {
    const running = suspects.named(number);
    if (!running) return;
    const { tenantId, call } = running;
    silence.add({ number, tenantId, isOver: !call || call.settled }, ms);
    // It was ended and does not hear of it: timers that are due together run one after the other, and messages wait.
    if (silence.overtimeOf(number) >= limits.blockMs) end("blocked", overLimit("blocked"), number);
    else holdToCpu(call, silence.ofCall(number));
  };

  const watchdog = createWatchdog({
    thread,
    limits,
    calls,
    startsBusy,
    onDeadline,
    onPing: () => {
      accounts = Math.min(accounts, MAX_LATE_ACCOUNTS) + 1;
      silence.end();
      suspects.pinged();
    },
    onCpu: split.measured,
    onSilent: takeSilence,
    onViolation: (violation, call) => {
      if (violation === "protocol") breach("The thread does not answer the end of a call.", call);
      else end(violation, overLimit(violation), call);
    },
  });

  return {
    add(call) {
      const number = calls.add(call);
      call.number = number;
      tenants.add(call.tenantId);
      suspects.begun(call);
      watchdog.wake();
      call.onAbort = giveUp;
      thread.post({ ...call.task, call: number } as CallTask | DescribeTask);
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

const overLimit = (violation: Violation): string => `The thread went over its limit: ${violation}.`;

/** Messages for calls that are over: some come late, but not so many between two answers. */
const MAX_STRAYS = 10_000;
/**
 * A ping is seen to be answered before its account is read, and now and then the next one is too. Who had nothing to tell
 * may not save it up.
 */
const MAX_LATE_ACCOUNTS = 4;
/** Tenants, or calls, that ran between two pings; more cannot have. */
const MAX_ACCOUNTS = 100_000;
