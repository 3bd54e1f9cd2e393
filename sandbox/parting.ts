/**
 * Keeps tenants apart of whom one has ended a thread. Everybody's calls run at place 0; suspects are spread over places
 * beside it, each a thread of its own, so that the next end says more: only those who were there can have done it. Four
 * places bring a hundred suspects down to one in four ends.
 */
export interface Parting {
  /** Where the tenant's calls run. */
  placeOf(tenantId: string): number;
  /**
   * A thread ended at `from`, and nobody knows by which of these. They are parted; whoever was apart before was not there
   * and goes back to the others.
   * @param suspects the most suspicious first; `times`: in how many such ends each was a suspect
   */
  part(from: number, suspects: readonly Suspicion[]): void;
  /** It ended there again: those at that place stay there as long again. */
  keep(place: number): void;
}

export interface Suspicion {
  tenantId: string;
  times: number;
}

/** Threads that a plugin has beside its own, when it comes to that. */
export const PLACES_BESIDE = 4;
/**
 * Suspected so often, a tenant gets a place for itself, as long as there are some: those who take turns at it would
 * otherwise bring each other back to the rest for ever.
 */
const SOLO_TIMES = 3;

/** @param keepMs how long suspects stay apart when nothing more happens */
export function createParting({ keepMs, now }: { keepMs: number; now(): number }): Parting {
  const apart = new Map<string, { place: number; until: number }>();

  return {
    placeOf(tenantId) {
      if (apart.size === 0) return 0;
      const own = apart.get(tenantId);
      if (!own) return 0;
      if (own.until > now()) return own.place;
      apart.delete(tenantId);
      return 0;
    },
    part(from, suspects) {
      apart.clear();
      const places = Array.from({ length: PLACES_BESIDE }, (_, index) => index + 1);
      const solo = suspects.filter(({ times }) => times >= SOLO_TIMES).slice(0, PLACES_BESIDE - 1);
      const until = now() + keepMs;
      for (const { tenantId } of solo) apart.set(tenantId, { place: places.pop() ?? 0, until });
      // Where the thread has just ended nobody else is: that is as good a place as another.
      const parts = from === 0 ? [...places, 0] : places;
      for (const [index, { tenantId }] of suspects.slice(solo.length).entries()) {
        const place = parts[index % parts.length] ?? 0;
        if (place !== 0) apart.set(tenantId, { place, until });
      }
    },
    keep(place) {
      const until = now() + keepMs;
      for (const own of apart.values()) if (own.place === place) own.until = until;
    },
  };
}
