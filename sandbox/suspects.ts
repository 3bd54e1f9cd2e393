import type { HostCall } from "./calls.ts";
import type { EndReason } from "./contract.ts";
import type { ReadonlyNumbered } from "./numbered.ts";

/** Whose doing the end of a thread may have been. */
export interface Blame {
  /**
   * By tenant; "" is the plugin itself, looked at by nobody in particular. Several: one of them did it. One: it did. None:
   * the thread had not started.
   */
  suspects: ReadonlySet<string>;
  /** When there is one alone, its call, as far as it is known; `call` is there when that is still in flight. */
  culprit?: Culprit;
}

export interface Culprit {
  tenantId: string;
  callId?: string;
  call?: HostCall;
}

export interface Suspects {
  begun(call: HostCall): void;
  /** A call has its answer. What it left behind may run until the turn of the thread is over. */
  over(number: number, call: HostCall): void;
  /** A ping goes out: the one before it was answered. */
  pinged(): void;
  /** The call of this number, in flight or just over. */
  named(number: number | undefined): Culprit | undefined;
  /** Whom to blame for the thread's end; `number` is the call whose code ran last, when somebody knows. */
  blame(reason: EndReason, number: number | undefined): Blame;
}

/** Calls that are over and still known; what one of them left behind runs last only if it ran after all others. */
const REMEMBERED = 1_024;

/**
 * Who ends a thread by what its code does is on the board: only the code of that call could run. Three ends say less.
 *
 * - Memory, and a thread that does not keep to the protocol: what a tenant keeps, or has broken, it may have kept or broken
 *   long ago, so that another's call meets it. All who ever had a call there are suspects.
 * - A process that is gone, or does not answer: nobody knows whose code ran last, but it was that of a call in flight, or
 *   what a call left behind when it ended. That is gone once the thread has turned, since timers and capabilities end with
 *   their call: see the ping.
 *
 * Being alone in flight proves nothing; being the only one who could have done it does.
 */
export function createSuspects(calls: ReadonlyNumbered<HostCall>): Suspects {
  const over: { number: number; tenantId: string; callId: string }[] = [];
  const tenants = new Set<string>();
  /** Whose calls ended after the last ping went out, and before: that one is not answered yet. */
  let leftNow = new Set<string>();
  let leftBefore = new Set<string>();

  const named = (number: number | undefined): Culprit | undefined => {
    if (!number) return undefined;
    const call = calls.get(number);
    if (call) return { tenantId: call.tenantId, callId: call.callId, call };
    const found = over[number % REMEMBERED];
    return found?.number === number ? { tenantId: found.tenantId, callId: found.callId } : undefined;
  };

  const certain = (tenantId: string, running: Culprit | undefined): Blame => {
    const suspects = new Set([tenantId]);
    if (running?.tenantId === tenantId) return { suspects, culprit: running };
    const [call] = calls.values();
    // Of its own calls too the one in flight need not be the one.
    if (!call || calls.size + leftNow.size + leftBefore.size > 1) return { suspects, culprit: { tenantId } };
    return { suspects, culprit: { tenantId, callId: call.callId, call } };
  };

  return {
    begun({ tenantId }) {
      // Whoever only looks at the plugin keeps nothing: the compartment is thrown away.
      if (tenantId !== "") tenants.add(tenantId);
    },
    over(number, { tenantId, callId }) {
      over[number % REMEMBERED] = { number, tenantId, callId };
      leftNow.add(tenantId);
    },
    pinged() {
      leftBefore = leftNow;
      leftNow = new Set();
    },
    named,
    blame(reason, number) {
      if (reason === "not-started") return { suspects: new Set() };
      const running = named(number);
      const isOfTheMoment = reason === "blocked" || reason === "crashed";
      if (running && isOfTheMoment) return certain(running.tenantId, running);
      const inFlight = new Set([...calls.values()].map((call) => call.tenantId));
      const others = isOfTheMoment ? leftBefore.union(leftNow) : tenants;
      const suspects = inFlight.union(others);
      const [first] = suspects;
      return first !== undefined && suspects.size === 1 ? certain(first, running) : { suspects };
    },
  };
}
