import { type CpuWindow, createCpuWindow } from "./cpu-window.ts";
import { SandboxError } from "./errors.ts";
import type { SandboxLimits } from "./limits.ts";

/** What a plugin and each of its tenants may compute within a minute. */
export interface CpuBudget {
  /** CPU time of the plugin's thread, whoever's it was. */
  spend(ms: number): void;
  /** The part of it that was one tenant's. */
  spendFor(tenantId: string, ms: number): void;
  /** The limit that keeps this tenant's next call out, when there is one. */
  refusal(
    tenantId: string,
  ): { limit: "cpuMsPerMinute" | "tenantCpuMsPerMinute"; error: SandboxError } | undefined;
}

/** Tenants that computed nothing for so long are forgotten. */
const MINUTE_MS = 60_000;

export function createCpuBudget(limits: SandboxLimits, now: () => number): CpuBudget {
  const all = createCpuWindow();
  const ofTenants = new Map<string, { window: CpuWindow; usedAt: number }>();
  /** Who is over, so that the question is cheap for everybody else. */
  const over = new Set<CpuWindow>();
  let sweptAt = now();

  const sweep = (at: number) => {
    if (at - sweptAt < MINUTE_MS) return;
    sweptAt = at;
    for (const [tenantId, { window, usedAt }] of ofTenants)
      if (at - usedAt >= MINUTE_MS && !over.has(window)) ofTenants.delete(tenantId);
  };
  const add = (window: CpuWindow, at: number, ms: number, limit: number) => {
    window.add(at, ms);
    if (window.sum(at) >= limit) over.add(window);
  };
  const restMs = (window: CpuWindow, limit: number): number => {
    const rest = window.belowIn(now(), limit);
    if (rest === 0) over.delete(window);
    return rest;
  };

  return {
    spend(ms) {
      add(all, now(), ms, limits.cpuMsPerMinute);
    },
    spendFor(tenantId, ms) {
      const at = now();
      sweep(at);
      let tenant = ofTenants.get(tenantId);
      if (!tenant) {
        tenant = { window: createCpuWindow(), usedAt: at };
        ofTenants.set(tenantId, tenant);
      }
      tenant.usedAt = at;
      add(tenant.window, at, ms, limits.tenantCpuMsPerMinute);
    },
    refusal(tenantId) {
      if (over.size === 0) return undefined;
      const tenant = ofTenants.get(tenantId)?.window;
      const { cpuMsPerMinute, tenantCpuMsPerMinute } = limits;
      const tenantMs = tenant && over.has(tenant) ? restMs(tenant, tenantCpuMsPerMinute) : 0;
      if (tenantMs > 0)
        return {
          limit: "tenantCpuMsPerMinute",
          error: new SandboxError(
            "plugin-tenant-cpu-budget-exceeded",
            `The tenant's calls took ${tenantCpuMsPerMinute} ms of CPU time within a minute, which is its limit; repeat the call in ${tenantMs} ms.`,
            { retryAfterMs: tenantMs },
          ),
        };
      const allMs = over.has(all) ? restMs(all, cpuMsPerMinute) : 0;
      if (allMs === 0) return undefined;
      return {
        limit: "cpuMsPerMinute",
        error: new SandboxError(
          "plugin-cpu-budget-exceeded",
          `The plugin took ${cpuMsPerMinute} ms of CPU time within a minute, which is its limit; repeat the call in ${allMs} ms.`,
          { retryAfterMs: allMs },
        ),
      };
    },
  };
}
