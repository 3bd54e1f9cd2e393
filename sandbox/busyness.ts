/** Tells a thread that has long been busy from one that answers and waits, by what it takes of the processor. */
export interface Busyness {
  /** @param cpuMs of the thread's whole life */
  measured(cpuMs: number, nowMs: number): void;
  /** Time has passed, in which nobody measured. */
  passed(nowMs: number): void;
}

/** What a thread may always take of one processor. */
const SHARE = 0.25;
/** So much more than that, in ms, and it is busy: many calls' time, a few of the watchdog's looks. */
const PATIENCE_MS = 50;
/** The same where nothing makes good again that a thread was taken for busy. */
const LONG_PATIENCE_MS = 2_000;
/** What is remembered of it, in multiples of that: it is quiet again after some seconds. */
const MEMORY = 10;

/**
 * A bucket that CPU time fills and the clock empties. Busy is what has filled it, until it is empty.
 * `startsBusy`: it begins full, since the plugin's last thread ended badly. `isFinal`: what was busy once stays so.
 */
export function createBusyness(o: {
  startsBusy: boolean;
  isFinal: boolean;
  onChange(isBusy: boolean): void;
}): Busyness {
  const fullMs = o.isFinal ? LONG_PATIENCE_MS : PATIENCE_MS;
  const mostMs = PATIENCE_MS * MEMORY;
  let levelMs = o.startsBusy ? mostMs : 0;
  let isBusy = o.startsBusy;
  let last: { cpuMs: number; atMs: number } | undefined;

  const take = (cpuMs: number, nowMs: number) => {
    // What came before is the start, our own code's work.
    last ??= { cpuMs, atMs: nowMs };
    const rest = levelMs + cpuMs - last.cpuMs - SHARE * (nowMs - last.atMs);
    levelMs = Math.min(Math.max(rest, 0), Math.max(fullMs, mostMs));
    last = { cpuMs, atMs: nowMs };
    const wasBusy = isBusy;
    isBusy = isBusy ? o.isFinal || levelMs > 0 : levelMs >= fullMs;
    if (isBusy !== wasBusy) o.onChange(isBusy);
  };

  return {
    measured: take,
    passed(nowMs) {
      if (last) take(last.cpuMs, nowMs);
    },
  };
}
