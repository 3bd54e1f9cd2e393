import type { HostCall } from "./calls.ts";
import type { CpuBudget } from "./cpu-budget.ts";

/**
 * Splits a thread's CPU time, which is measured from outside, among those whose code ran: by what the thread says of
 * each. A sample alone would charge whoever ran last for all since the sample before, so that a tenant could spend
 * twenty milliseconds at another's expense. The thread says how the time is shared out, never how much it was.
 */
export interface CpuSplit {
  /** What the thread says of a tenant since it last did. */
  claim(tenantId: string, ms: number): void;
  /** What of that was a call's which is in flight. */
  claimFor(call: HostCall, ms: number): void;
  /** CPU time of the thread's whole life until now. */
  measured(totalMs: number): void;
  /** What the host's own thread did for a call; the plugin's thread did not measure that. */
  charge(call: HostCall, ms: number): void;
  /** The thread has ended: what it did not come to say was this tenant's. */
  blame(tenantId: string, ms: number): void;
}

/** Measures and claims do not arrive at the same moment; so much may be claimed after it was measured. */
const MAX_LATE_MS = 100;

export function createCpuSplit(budget: CpuBudget, onSpent: (call: HostCall) => void): CpuSplit {
  const ofTenants = new Map<string, number>();
  const ofCalls = new Map<HostCall, number>();
  let claimedMs = 0;
  let lateMs = 0;
  let lastMs: number | undefined;

  return {
    claim(tenantId, ms) {
      claimedMs += ms;
      ofTenants.set(tenantId, (ofTenants.get(tenantId) ?? 0) + ms);
    },
    claimFor(call, ms) {
      ofCalls.set(call, (ofCalls.get(call) ?? 0) + ms);
    },
    measured(totalMs) {
      const spentMs = totalMs - (lastMs ?? totalMs);
      lastMs = totalMs;
      if (spentMs > 0) budget.spend(spentMs);
      const knownMs = spentMs + lateMs;
      // The thread counts by the clock on the wall, which goes on while the machine is busy with something else.
      const share = claimedMs > knownMs ? knownMs / claimedMs : 1;
      lateMs = Math.min(Math.max(knownMs - claimedMs, 0), MAX_LATE_MS);
      if (claimedMs === 0) return;
      for (const [tenantId, ms] of ofTenants) budget.spendFor(tenantId, ms * share);
      for (const [call, ms] of ofCalls) {
        call.cpuMs += ms * share;
        onSpent(call);
      }
      claimedMs = 0;
      ofTenants.clear();
      ofCalls.clear();
    },
    charge(call, ms) {
      budget.spend(ms);
      budget.spendFor(call.tenantId, ms);
      call.cpuMs += ms;
      onSpent(call);
    },
    blame(tenantId, ms) {
      if (ms > 0) budget.spendFor(tenantId, ms);
    },
  };
}
