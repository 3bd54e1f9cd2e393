import type { SandboxLimits } from "./limits.ts";

/** Who crashed how often, and who therefore waits. */
export interface Crashes {
  /** Counts one; `tenantId` when it is known whose call did it. Tells whom it pauses, if anybody. */
  count(tenantId?: string): Pause | undefined;
  /** What keeps this tenant's calls out at present. */
  pauseOf(tenantId: string): { crashes: number; restMs: number } | undefined;
  /** Of the plugin as a whole: until when it pauses, on the clock's time; 0 when it does not. */
  readonly pausedUntil: number;
  /** Tenants that pause alone. */
  readonly pausedTenants: number;
}

/** `tenantId` is not there when the plugin pauses for everybody. */
export interface Pause {
  tenantId?: string;
  crashes: number;
  pauseMs: number;
}

const MAX_PAUSE_MS = 60_000;
/** Crashes that are remembered: so many in one window, and it does not matter any more whose they were. */
const MAX_REMEMBERED = 1_000;

/**
 * A tenant whose calls end thread after thread is paused alone. The plugin as a whole pauses only when the doing is
 * several tenants' or nobody's: there one tenant counts for half of what pauses it at most, so that two of them, or one
 * and bad luck, do not keep out the others.
 */
export function createCrashes(limits: SandboxLimits, now: () => number): Crashes {
  let recent: { at: number; tenantId: string | undefined }[] = [];
  const pauses = new Map<string | undefined, { until: number; crashes: number }>();
  const most = Math.max(1, Math.floor(limits.crashes / 2));

  const pause = (tenantId: string | undefined, crashes: number): Pause => {
    const pauseMs = Math.min(limits.backOffMs * 2 ** (crashes - limits.crashes), MAX_PAUSE_MS);
    pauses.set(tenantId, { until: now() + pauseMs, crashes });
    return tenantId === undefined ? { crashes, pauseMs } : { tenantId, crashes, pauseMs };
  };
  const forgetOld = () => {
    const at = now();
    recent = recent.filter((crash) => crash.at > at - limits.crashWindowMs).slice(-MAX_REMEMBERED);
    for (const [tenantId, { until }] of pauses) if (until <= at) pauses.delete(tenantId);
  };
  const restOf = (tenantId: string | undefined) => {
    const found = pauses.get(tenantId);
    const restMs = (found?.until ?? 0) - now();
    return found && restMs > 0 ? { crashes: found.crashes, restMs } : undefined;
  };

  return {
    count(tenantId) {
      recent.push({ at: now(), tenantId });
      forgetOld();
      const own = recent.filter((crash) => crash.tenantId === tenantId).length;
      if (tenantId !== undefined && own >= limits.crashes) return pause(tenantId, own);
      const times = Map.groupBy(recent, (crash) => crash.tenantId);
      let weight = 0;
      for (const [who, { length }] of times) weight += who === undefined ? length : Math.min(length, most);
      const nobodys = times.get(undefined)?.length ?? 0;
      if (weight < limits.crashes || (times.size === 1 && nobodys === 0)) return undefined;
      return pause(undefined, weight);
    },
    pauseOf(tenantId) {
      if (pauses.size === 0) return undefined;
      return restOf(undefined) ?? restOf(tenantId);
    },
    get pausedUntil() {
      return restOf(undefined) ? (pauses.get(undefined)?.until ?? 0) : 0;
    },
    get pausedTenants() {
      forgetOld();
      return pauses.size - (pauses.has(undefined) ? 1 : 0);
    },
  };
}
