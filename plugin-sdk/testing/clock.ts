import type { ClockSetting } from "./host/index.ts";
import type { TestClock } from "./test-clock.ts";

/** A {@link TestClock}, and what the test host does with it. */
export interface HostClock extends TestClock {
  setting(): ClockSetting;
  /** Has `act` done at a time that the clock comes by; `undefined` from `dueAt` for never. */
  onTime(task: { dueAt(): number | undefined; act(): Promise<void> }): void;
}

/** @param start where it stands until it is advanced; undefined for the machine's own time, which goes on by itself */
export function createClock(start: number | string | Date | undefined): HostClock {
  const tasks: Parameters<HostClock["onTime"]>[0][] = [];
  let setting: ClockSetting = start === undefined ? { ahead: 0 } : { at: timeOf(start) };
  const now = () => ("at" in setting ? setting.at : Date.now() + setting.ahead);
  const moveOn = (ms: number) => {
    setting = "at" in setting ? { at: setting.at + ms } : { ahead: setting.ahead + ms };
  };

  return {
    now,
    async advance(ms) {
      if (!Number.isSafeInteger(ms) || ms < 0)
        throw new RangeError(`The clock advances by whole milliseconds, not by ${ms}.`);
      const end = now() + ms;
      for (;;) {
        const [next] = tasks
          .map((task) => ({ task, at: task.dueAt() ?? Number.POSITIVE_INFINITY }))
          .sort((one, other) => one.at - other.at);
        if (!next || next.at > end) break;
        moveOn(Math.max(0, next.at - now()));
        await next.task.act();
      }
      moveOn(Math.max(0, end - now()));
    },
    setting: () => setting,
    onTime: (task) => void tasks.push(task),
  };
}

function timeOf(start: number | string | Date): number {
  const ms = new Date(start).getTime();
  if (Number.isNaN(ms)) throw new RangeError(`"${start}" is no time; write 2026-01-31T12:00:00Z.`);
  return ms;
}
