import type { Json, KeyedPoll } from "../author/index.ts";
import type { HostClock } from "./clock.ts";
import type { TestTrigger, TriggerOptions } from "./test-trigger.ts";

/** As hosts have them: a first run ends after so many pages, and what comes then is told. */
const mostFirstPages = 100;
const minuteMs = 60_000;
const longestMs = 6 * 60 * minuteMs;

export interface TriggerSurroundings {
  intervalSeconds: number;
  clock: HostClock;
  /** Polls the plugin once. */
  ask(input: {
    cursor: string | null;
    config: { [field: string]: Json };
    startAt: "now" | "beginning";
  }): Promise<KeyedPoll<Json>>;
  tell(item: Json): void;
}

/** Switches a trigger on: it polls for the first time, and from then on whenever the clock comes to its time. */
export async function openTrigger(
  { intervalSeconds, clock, ask, tell }: TriggerSurroundings,
  { config = {}, startAt = "now" }: TriggerOptions,
): Promise<TestTrigger> {
  const seen = new Set<string>();
  let isFirst = startAt === "now";
  let firstPages = 0;
  let cursor: string | null = null;
  let failures = 0;
  let lastError: Error | undefined;
  let nextPollAt = clock.now();

  /** One page: what of it is new is told. */
  async function page(): Promise<{ told: Json[]; goesOn: boolean }> {
    const found = await ask({ cursor, config, startAt: isFirst ? "now" : "beginning" });
    const fresh = found.items.filter(({ key }) => !seen.has(key));
    const once = [...new Map(fresh.map((one) => [one.key, one])).values()];
    for (const { key } of once) seen.add(key);
    const told = isFirst ? [] : once.map(({ item }) => item);
    for (const item of told) tell(item);
    const goesOn = found.hasMore === true && found.cursor !== cursor;
    firstPages += 1;
    isFirst = isFirst && goesOn && firstPages < mostFirstPages;
    cursor = found.cursor;
    return { told, goesOn };
  }

  async function poll(): Promise<Json[]> {
    const told: Json[] = [];
    try {
      for (let goesOn = true; goesOn; ) {
        const result = await page();
        told.push(...result.told);
        goesOn = result.goesOn;
      }
    } catch (error) {
      failures += 1;
      lastError = error instanceof Error ? error : new Error(String(error));
      nextPollAt = clock.now() + afterFailureMs(intervalSeconds, failures, lastError);
      throw error;
    }
    failures = 0;
    lastError = undefined;
    nextPollAt = clock.now() + intervalSeconds * 1_000;
    return told;
  }

  await poll();
  clock.onTime({
    dueAt: () => nextPollAt,
    // What failed is asked again later, as in a host; `lastError` has it.
    act: () =>
      poll().then(
        () => {},
        () => {},
      ),
  });
  return {
    poll,
    get cursor() {
      return cursor;
    },
    get nextPollAt() {
      return nextPollAt;
    },
    get failures() {
      return failures;
    },
    get lastError() {
      return lastError;
    },
  };
}

/** Doubles from poll to poll, as in a host but for its jitter; no sooner than the vendor asked for. */
function afterFailureMs(intervalSeconds: number, failures: number, error: Error): number {
  const doubled = intervalSeconds * 1_000 * 2 ** Math.min(failures, 20);
  const asked = (error as { retryAfterMs?: number }).retryAfterMs ?? 0;
  return Math.max(Math.min(doubled, longestMs), Math.min(asked, longestMs));
}
