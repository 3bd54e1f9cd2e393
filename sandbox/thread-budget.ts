/**
 * How many threads (or processes) all sandboxes of a host may have up together. Make one per host and give it to each
 * `openSandbox`. When it is full, the thread that is idle and was used longest ago makes room; when none is idle, those
 * that want one wait in order, and the one that is up longest takes no new calls until it has made room.
 *
 * @example
 * const threads = createThreadBudget({ max: 32 });
 * const sandbox = openSandbox(plugin, { threads });
 */
export interface ThreadBudget {
  stats(): ThreadBudgetStats;
  /**
   * For the sandbox itself: the tenant has calls in a plugin from now on. False when it has them in as many as it may: calls
   * that sleep keep their threads, which then make no room for others'.
   */
  enter(tenantId: string): boolean;
  leave(tenantId: string): void;
  /** For the sandbox itself: asks for a thread. `start` is called when there is room, and that may be at once. */
  request(holder: ThreadHolder): void;
  /** It wants none any more. */
  withdraw(holder: ThreadHolder): void;
}

export interface ThreadBudgetStats {
  max: number;
  /** Threads that are up, those that end at the moment among them. */
  running: number;
  /** Sandboxes that wait for a thread. */
  waiting: number;
  /** How often a thread was asked to make room for another. */
  rests: number;
}

/** What the budget asks of a sandbox that wants a thread, or has one. */
export interface ThreadHolder {
  start(room: ThreadRoom): void;
  /** Take no new calls. When those on the thread have ended, and that may be now, end it. */
  rest(): void;
}

/** Room for one thread, from its start until it is gone. */
export interface ThreadRoom {
  /** It has calls. */
  busy(): void;
  /** It has none any more, since now, on the clock of performance.now(). */
  idle(now: number): void;
  /** It ends, for whatever reason; who wants the next one asks again. */
  ending(): void;
  /** Gives the room back. A thread that nothing stops keeps it, as it keeps its core. */
  gone(): void;
}

/** So long a busy thread may stay when others wait, in ms: starting one takes a tenth to a third of that. */
const TURN_MS = 1_000;

interface Tenancy {
  holder: ThreadHolder;
  isBusy: boolean;
  isEnding: boolean;
  startedAt: number;
  usedAt: number;
}

/**
 * @param max threads, at least 1
 * @param maxPerTenant plugins that one tenant may have calls of in flight at a time; default: as many as it likes
 * @param turnMs how long a busy thread may stay when others wait; default 1,000
 */
export function createThreadBudget({
  max,
  maxPerTenant = Number.POSITIVE_INFINITY,
  turnMs = TURN_MS,
}: {
  max: number;
  maxPerTenant?: number;
  turnMs?: number;
}): ThreadBudget {
  if (!Number.isInteger(max) || max < 1)
    throw new RangeError(`A thread budget needs a whole number of threads, at least 1; it got ${max}.`);
  const tenancies = new Set<Tenancy>();
  const queue = new Set<ThreadHolder>();
  /** In how many plugins each tenant has calls. */
  const entered = new Map<string, number>();
  let rests = 0;
  let timer: NodeJS.Timeout | undefined;

  const start = (holder: ThreadHolder) => {
    const startedAt = performance.now();
    const tenancy: Tenancy = { holder, isBusy: true, isEnding: false, startedAt, usedAt: startedAt };
    tenancies.add(tenancy);
    holder.start({
      busy() {
        tenancy.isBusy = true;
      },
      idle(now) {
        tenancy.isBusy = false;
        tenancy.usedAt = now;
        if (queue.size > 0) makeRoom();
      },
      ending() {
        tenancy.isEnding = true;
      },
      gone() {
        if (!tenancies.delete(tenancy)) return;
        serve();
        makeRoom();
      },
    });
  };

  /** Gives the room that there is to those who have waited longest. */
  const serve = () => {
    for (const holder of queue) {
      if (tenancies.size >= max) return;
      queue.delete(holder);
      start(holder);
    }
  };

  const rest = (tenancy: Tenancy) => {
    tenancy.isEnding = true;
    rests += 1;
    tenancy.holder.rest();
  };

  /** Asks for as much room as those who wait need: of idle threads at once, of busy ones when they had their turn. */
  const makeRoom = () => {
    clearTimeout(timer);
    const all = [...tenancies];
    const up = all.filter((tenancy) => !tenancy.isEnding);
    let needed = queue.size - (all.length - up.length);
    const idle = up.filter((tenancy) => !tenancy.isBusy).sort((a, b) => a.usedAt - b.usedAt);
    for (const tenancy of idle.slice(0, Math.max(needed, 0))) rest(tenancy);
    needed -= idle.length;
    const busy = up.filter((tenancy) => tenancy.isBusy).sort((a, b) => a.startedAt - b.startedAt);
    for (const tenancy of busy.slice(0, Math.max(needed, 0))) {
      const restMs = tenancy.startedAt + turnMs - performance.now();
      if (restMs <= 0) rest(tenancy);
      else {
        // The next ones have started later.
        timer = setTimeout(makeRoom, restMs).unref();
        return;
      }
    }
  };

  return {
    stats: () => ({ max, running: tenancies.size, waiting: queue.size, rests }),
    enter(tenantId) {
      const plugins = entered.get(tenantId) ?? 0;
      if (plugins >= maxPerTenant) return false;
      entered.set(tenantId, plugins + 1);
      return true;
    },
    leave(tenantId) {
      const rest = (entered.get(tenantId) ?? 1) - 1;
      if (rest > 0) entered.set(tenantId, rest);
      else entered.delete(tenantId);
    },
    request(holder) {
      queue.add(holder);
      serve();
      if (queue.size > 0) makeRoom();
    },
    withdraw(holder) {
      queue.delete(holder);
    },
  };
}
