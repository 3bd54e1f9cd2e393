/** The time as the plugin and the host around it see it. */
export interface TestClock {
  /** Milliseconds since 1970: what `Date.now()` answers in the plugin. */
  now(): number;
  /**
   * Lets so much time pass, without waiting for it. Triggers that were switched on poll whenever they are due meanwhile,
   * one after the other, each at its time.
   *
   * @param ms whole milliseconds, no less than 0
   */
  advance(ms: number): Promise<void>;
}
