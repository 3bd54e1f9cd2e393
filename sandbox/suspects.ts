import type { HostCall } from "./calls.ts";

/** Whose code it was that ran; `call` is there when the call is still in flight. */
export interface Suspect {
  tenantId: string;
  callId: string;
  call?: HostCall;
}

export interface Suspects {
  /** A call has its answer. What it left behind may still run. */
  over(number: number, call: HostCall): void;
  /** Who ended the thread, when its code ran last in the call of this number, or nobody knows in which. */
  find(number: number | undefined): Suspect | undefined;
}

/** Calls that are over and still known; what one of them left behind runs last only if it ran after all others. */
const REMEMBERED = 1_024;

/** @param tenants whose calls the thread has had */
export function createSuspects(calls: ReadonlyMap<number, HostCall>, tenants: ReadonlySet<string>): Suspects {
  const over: { number: number; tenantId: string; callId: string }[] = [];

  const named = (number: number): Suspect | undefined => {
    const call = calls.get(number);
    if (call) return { tenantId: call.tenantId, callId: call.callId, call };
    const found = over[number % REMEMBERED];
    return found?.number === number ? { tenantId: found.tenantId, callId: found.callId } : undefined;
  };

  return {
    over(number, { tenantId, callId }) {
      over[number % REMEMBERED] = { number, tenantId, callId };
    },
    find(number) {
      const suspect = number ? named(number) : undefined;
      if (suspect) return suspect;
      const [call] = calls.values();
      if (!call || calls.size > 1) return undefined;
      // It is not guilty for being alone, since another tenant's may have left code behind: it is run once more, if it
      // can be, and then there is no doubt.
      if (tenants.size > 1 && !call.replayed && !call.hadEffects) return undefined;
      return { tenantId: call.tenantId, callId: call.callId, call };
    },
  };
}
