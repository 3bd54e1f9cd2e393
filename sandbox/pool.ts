import { type Berth, createBerth } from "./berth.ts";
import { canReplay, type HostCall, makeReady } from "./calls.ts";
import type { EndReason, Isolation, PluginCode, SandboxEvent, SandboxStats } from "./contract.ts";
import type { CpuBudget } from "./cpu-budget.ts";
import { createCrashes } from "./crashes.ts";
import { errorOfEnd, limitOfEnd } from "./ends.ts";
import { SandboxError } from "./errors.ts";
import type { LaneEnd } from "./lane.ts";
import type { SandboxLimits } from "./limits.ts";
import { readablePaths } from "./locations.ts";
import { submitOneByOne } from "./one-by-one.ts";
import { createParting, PLACES_BESIDE } from "./parting.ts";
import type { ReportLimit } from "./reached.ts";
import type { Blame } from "./suspects.ts";
import type { ThreadBudget } from "./thread-budget.ts";

/**
 * The threads of one plugin version: one, as long as nothing happens. When it ended and nobody can say whose doing it
 * was, the suspects run apart for a while, in threads beside it.
 */
export interface Pool {
  submit(call: HostCall): void;
  stats(): Omit<SandboxStats, "callsInFlight" | "completed" | "failed">;
  /** Ends the threads for good; calls that are still on them, or come later, fail with `plugin-closed`. */
  stop(): Promise<void>;
}

const endedByAnother = () =>
  new SandboxError("plugin-crashed", "Another call ended the plugin's thread; try again.");

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
  const { limits, now } = o;
  const readable = readablePaths(o.workerUrl);
  const crashes = createCrashes(limits, now);
  const parting = createParting({ keepMs: limits.crashWindowMs, now });
  let starts = 0;
  let crashCount = 0;
  let lastCrashAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  const crashesLately = () => (now() - lastCrashAt < limits.crashWindowMs ? crashCount : 0);
  const open = (place: number): Berth =>
    createBerth({
      ...o,
      readable,
      crashesLately,
      onStart() {
        starts += 1;
      },
      onEnd: (end) => onEnd(place, end),
    });
  const main = open(0);
  const berths = [main, ...Array.from({ length: PLACES_BESIDE }, (_, index) => open(index + 1))];
  const berthOf = (tenantId: string): Berth => berths[parting.placeOf(tenantId)] ?? main;

  const onEnd = (place: number, end: LaneEnd) => {
    const { reason, culprit, orphans } = end;
    crashCount += 1;
    if (reason !== "not-started") lastCrashAt = now();
    culprit?.call?.reject(errorOfEnd(reason, limits));
    const again = orphans.filter((call) => canReplay(call, reason));
    for (const call of orphans)
      if (!again.includes(call))
        call.reject(reason === "not-started" ? errorOfEnd(reason, limits) : endedByAnother());
    for (const call of again) makeReady(call, reason);
    if (culprit) parting.keep(place);
    else part(place, end.suspects);
    if (culprit?.callId !== undefined) {
      if (culprit.call?.doubt) culprit.call.doubt.isCleared = true;
      countCrash(reason, end);
      for (const call of again) submit(call);
    } else void tryAgain(again, reason, end);
  };

  const part = (place: number, suspects: ReadonlySet<string>) => {
    const tenants = [...suspects].filter((tenantId) => tenantId !== "");
    if (tenants.length === 0) return;
    const suspicions = tenants.map((tenantId) => ({ tenantId, times: crashes.suspicionOf(tenantId) }));
    parting.part(
      place,
      suspicions.sort((a, b) => b.times - a.times),
    );
    // Threads of those who were apart before, where no call is in the way.
    for (const berth of berths.slice(1)) berth.clear();
  };

  /** Runs calls one after the other at each place. When none of them ends its thread, the first end stays as it was. */
  const tryAgain = async (calls: HostCall[], reason: EndReason, blame: Blame) => {
    const doubt = { isCleared: false };
    for (const call of calls) call.doubt = doubt;
    for (const group of Map.groupBy(calls, (call) => parting.placeOf(call.tenantId)).values())
      submitOneByOne(group, submit);
    await Promise.allSettled(calls.map((call) => call.answer));
    if (!doubt.isCleared) countCrash(reason, blame);
  };

  const countCrash = (reason: EndReason, { culprit, suspects }: Blame) => {
    const limit = limitOfEnd(reason);
    const { tenantId, callId } = culprit ?? {};
    if (limit) o.report(limit, { ...(tenantId && { tenantId }), ...(callId !== undefined && { callId }) });
    const pause = crashes.count(suspects);
    if (pause) o.onEvent({ type: "crash-loop", ...pause });
  };

  const submit = (call: HostCall) => {
    if (closed) return call.reject(new SandboxError("plugin-closed", "The sandbox was closed."));
    crashes.saw(call.tenantId);
    const pause = crashes.pauseOf(call.tenantId);
    if (pause) {
      o.report("crashes", call);
      const message = `The plugin crashed ${pause.crashes} times; it is tried again in ${pause.restMs} ms.`;
      call.reject(new SandboxError("plugin-crashed", message, { retryAfterMs: pause.restMs }));
    } else berthOf(call.tenantId).submit(call);
  };

  return {
    submit,
    stats: () => ({
      running: berths.some((berth) => berth.isRunning),
      starts,
      crashes: crashCount,
      pausedUntil: crashes.pausedUntil,
      pausedTenants: crashes.pausedTenants,
      callsWaiting: berths.reduce((sum, berth) => sum + berth.waiting, 0),
      ...sumOf(berths),
    }),
    async stop() {
      closed = true;
      await Promise.all(berths.map((berth) => berth.stop()));
    },
  };
}

const sumOf = (berths: readonly Berth[]) => ({
  heapBytes: berths.reduce((sum, { vitals }) => sum + vitals.heapBytes, 0),
  externalBytes: berths.reduce((sum, { vitals }) => sum + vitals.externalBytes, 0),
  cpuMs: berths.reduce((sum, { vitals }) => sum + vitals.cpuMs, 0),
});
