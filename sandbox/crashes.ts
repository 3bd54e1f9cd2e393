import { leastCulprits } from "./culprits.ts";
import type { SandboxLimits } from "./limits.ts";

/** Who crashed how often, and who therefore waits. */
export interface Crashes {
  /** One of these tenants calls. */
  saw(tenantId: string): void;
  /** Counts the end of a thread that one of these brought about. Tells whom it pauses, if anybody. */
  count(suspects: ReadonlySet<string>): Pause | undefined;
  /** In how many of the ends that nobody is named for the tenant is a suspect. */
  suspicionOf(tenantId: string): number;
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
/** A plugin pauses for all when so many tenants crashed it, and so large a part of those who called it. */
const MIN_CULPRITS = 3;
const MIN_SHARE = 0.5;
/** As a suspect: its code, run for no tenant. */
const thePlugin = new Set([""]);

/**
 * A tenant whose code certainly ended thread after thread is paused alone. The plugin as a whole pauses when it ends
 * where no tenant's code was, or when it cannot have been the doing of few: of at least three tenants, and half of those
 * who call. What one tenant does, alone or with a friend or two, costs the others no pause, also while nobody can say
 * that it was that one: pool.ts then parts the suspects until somebody can.
 */
export function createCrashes(limits: SandboxLimits, now: () => number): Crashes {
  let recent: { at: number; suspects: ReadonlySet<string> }[] = [];
  const pauses = new Map<string | undefined, { until: number; crashes: number }>();
  /** Who called within this window, and within the one before. */
  let callers = new Set<string>();
  let callersBefore = new Set<string>();
  let windowEndsAt = now() + limits.crashWindowMs;

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
  const isNobodys = (suspects: ReadonlySet<string>) => suspects.isSubsetOf(thePlugin);
  const isManys = (): boolean => {
    const active = callers.union(callersBefore).size;
    const enough = Math.max(MIN_CULPRITS, active * MIN_SHARE);
    return leastCulprits(recent.map(({ suspects }) => suspects)) >= enough;
  };

  return {
    saw(tenantId) {
      const at = now();
      if (at >= windowEndsAt) {
        callersBefore = callers;
        callers = new Set();
        windowEndsAt = at + limits.crashWindowMs;
      }
      if (tenantId !== "") callers.add(tenantId);
    },
    count(suspects) {
      recent.push({ at: now(), suspects });
      forgetOld();
      const [first] = suspects;
      const own = recent.filter((crash) => crash.suspects.size <= 1 && crash.suspects.has(first ?? ""));
      if (first && suspects.size === 1 && own.length >= limits.crashes) return pause(first, own.length);
      const nobodys = recent.filter((crash) => isNobodys(crash.suspects)).length;
      if (nobodys >= limits.crashes) return pause(undefined, nobodys);
      return recent.length >= limits.crashes && isManys() ? pause(undefined, recent.length) : undefined;
    },
    suspicionOf: (tenantId) =>
      recent.filter(({ suspects }) => suspects.size > 1 && suspects.has(tenantId)).length,
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
