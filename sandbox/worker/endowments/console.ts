import { callOfTheMoment } from "../call.ts";
import { type LogLevel, logLine, print } from "./log.ts";

/** `console`, which writes to the `log` capability of the call that runs; outside of a call it is silent. */
export function createConsole() {
  const at =
    (level: LogLevel) =>
    (...values: unknown[]): void => {
      const call = callOfTheMoment.getStore();
      if (call) logLine(call, level, values.map(print).join(" "));
    };
  const silent = () => {};
  return {
    debug: at("debug"),
    log: at("info"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    trace: at("debug"),
    dir: at("info"),
    group: silent,
    groupEnd: silent,
    time: silent,
    timeEnd: silent,
    assert: (condition: unknown, ...values: unknown[]) => {
      if (!condition) at("error")("Assertion failed:", ...values);
    },
  };
}
