/**
 * CPU time that a thread took since it last answered a ping, by the call whose code ran when it was measured: the thread
 * tells of it with its next answer, and may be long in giving one.
 */
export interface Silence {
  add(call: { number: number; tenantId: string; isOver: boolean }, ms: number): void;
  ofCall(number: number): number;
  /** What the call took after the host had ended it. */
  overtimeOf(number: number): number;
  ofTenant(tenantId: string): number;
  /** The thread has answered. */
  end(): void;
}

export function createSilence(): Silence {
  const ofCalls = new Map<number, number>();
  const overtime = new Map<number, number>();
  const ofTenants = new Map<string, number>();

  return {
    add({ number, tenantId, isOver }, ms) {
      ofCalls.set(number, (ofCalls.get(number) ?? 0) + ms);
      if (isOver) overtime.set(number, (overtime.get(number) ?? 0) + ms);
      ofTenants.set(tenantId, (ofTenants.get(tenantId) ?? 0) + ms);
    },
    ofCall: (number) => ofCalls.get(number) ?? 0,
    overtimeOf: (number) => overtime.get(number) ?? 0,
    ofTenant: (tenantId) => ofTenants.get(tenantId) ?? 0,
    end() {
      ofCalls.clear();
      overtime.clear();
      ofTenants.clear();
    },
  };
}
