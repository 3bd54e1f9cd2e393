import type { Spent } from "../messages.ts";
import { natives } from "./natives.ts";

/** Whose code ran for how long since this was last told, in ms of the clock. */
export interface Account {
  tenantId: string;
  ms: number;
}

export interface Metered {
  id: number;
  account: Account;
  ms: number;
}

/** Tells whose code ran for how long, so that the host can share out the CPU time that it measures from outside. */
export interface Meter {
  /** The account of a tenant, for one more call. */
  open(tenantId: string): Account;
  /** From now on the code of this call runs, and what it leaves behind when it is over. */
  run(call: Metered): void;
  /** From now on nobody's does. */
  rest(): void;
  /** What was not told before: of every tenant, and of these calls, which are those in flight. */
  takeAll(calls: Iterable<Metered>): Spent;
}

/** The clock without the time in which the event loop waited. */
const busyMs = (): number => natives.now() - natives.idleMs();

export function createMeter(): Meter {
  const accounts = new Map<string, Account>();
  let running: Metered | undefined;
  let since = 0;

  const settle = () => {
    const now = busyMs();
    if (running) {
      running.ms += now - since;
      running.account.ms += now - since;
    }
    since = now;
  };

  return {
    open(tenantId) {
      let account = accounts.get(tenantId);
      if (!account) {
        account = { tenantId, ms: 0 };
        accounts.set(tenantId, account);
      }
      return account;
    },
    run(call) {
      if (call === running) return;
      settle();
      running = call;
    },
    rest() {
      settle();
      running = undefined;
    },
    takeAll(calls) {
      settle();
      const spent: Spent = { tenants: [], calls: [] };
      for (const { tenantId, ms } of accounts.values()) if (ms > 0) spent.tenants.push([tenantId, ms]);
      accounts.clear();
      for (const call of running ? [...calls, running] : calls) {
        if (call.ms > 0) spent.calls.push([call.id, call.ms]);
        call.ms = call.account.ms = 0;
        accounts.set(call.account.tenantId, call.account);
      }
      return spent;
    },
  };
}
