import type { Json } from "../author/index.ts";

/** What a tenant says when it switches a trigger on. */
export interface TriggerOptions {
  /** The trigger's own settings. Default: none. */
  config?: { [field: string]: Json };
  /** `now` remembers what is there already, `beginning` tells it. Default `now`. */
  startAt?: "now" | "beginning";
}

/** A polling trigger that is switched on: the host keeps its cursor, and the keys of what it has told. */
export interface TestTrigger {
  /**
   * Polls at once, and again as long as there is more, and answers what that told: each item once, however often it is
   * found. The same is in `host.events`, as `trigger.<name>`.
   *
   * @throws {PluginFailure} when a poll fails; the cursor stays where it was
   */
  poll(): Promise<Json[]>;
  /** Where the next poll goes on. */
  readonly cursor: string | null;
  /** When it polls by itself, in ms since 1970: `clock.advance()` comes by there. */
  readonly nextPollAt: number;
  /** Polls in a row that failed, and why the last did. */
  readonly failures: number;
  readonly lastError: Error | undefined;
}
