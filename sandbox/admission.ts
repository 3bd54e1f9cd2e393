import type { ReachedLimit } from "./contract.ts";
import type { CpuBudget } from "./cpu-budget.ts";
import { SandboxError } from "./errors.ts";
import type { SandboxLimits } from "./limits.ts";
import type { ThreadBudget } from "./thread-budget.ts";

/** Who may come in: so many calls in flight, so many plugins at a time, and so much CPU time within a minute. */
export interface Admission {
  /** Counts the call in, or tells why it may not come. */
  refusal(tenantId: string): { limit: ReachedLimit; error: SandboxError } | undefined;
  leave(tenantId: string): void;
  readonly inFlight: number;
  /** Settles when nobody is in any more, or after `graceMs`. */
  empty(graceMs: number): Promise<void>;
}

export function createAdmission(
  limits: SandboxLimits,
  budget: CpuBudget,
  threads: Pick<ThreadBudget, "enter" | "leave">,
): Admission {
  const ofTenants = new Map<string, number>();
  let onEmpty = () => {};
  let total = 0;

  return {
    refusal(tenantId) {
      const ofTenant = ofTenants.get(tenantId) ?? 0;
      if (ofTenant >= limits.callsPerTenant) {
        const message = `The tenant has ${ofTenant} calls of this plugin in flight, which is its limit.`;
        return { limit: "callsPerTenant", error: new SandboxError("plugin-tenant-busy", message) };
      }
      if (total >= limits.calls) {
        const message = `The plugin has ${total} calls in flight, which is its limit.`;
        return { limit: "calls", error: new SandboxError("plugin-busy", message) };
      }
      const refusal = budget.refusal(tenantId);
      if (refusal) return refusal;
      // Whoever only looks at a plugin is no tenant.
      if (ofTenant === 0 && tenantId !== "" && !threads.enter(tenantId)) {
        const message =
          "The tenant has calls of as many plugins in flight as it may have at a time; repeat the call when one of them has ended.";
        return { limit: "threadsPerTenant", error: new SandboxError("plugin-host-busy", message) };
      }
      total += 1;
      ofTenants.set(tenantId, ofTenant + 1);
      return undefined;
    },
    leave(tenantId) {
      total -= 1;
      const rest = (ofTenants.get(tenantId) ?? 1) - 1;
      if (rest > 0) ofTenants.set(tenantId, rest);
      else {
        ofTenants.delete(tenantId);
        if (tenantId !== "") threads.leave(tenantId);
      }
      if (total === 0) onEmpty();
    },
    get inFlight() {
      return total;
    },
    async empty(graceMs) {
      if (total === 0) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        const before = onEmpty;
        onEmpty = () => {
          before();
          resolve();
        };
        timer = setTimeout(resolve, graceMs);
      });
      clearTimeout(timer);
    },
  };
}
