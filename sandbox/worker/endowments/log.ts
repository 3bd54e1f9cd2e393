import type { ActiveCall } from "../call.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

const MAX_MESSAGE = 4_096;

/** Sends one line to the `log` capability. Past the call's limits one warning is sent, and then nothing. */
export function logLine(call: ActiveCall, level: LogLevel, message: string, fields?: unknown): void {
  if (call.ended || !call.grants("log") || call.logLines > call.limits.logLines) return;
  const line = JSON.stringify({ level, message: message.slice(0, MAX_MESSAGE), fields: plainFields(fields) });
  call.logLines += 1;
  call.logChars += line.length;
  if (call.logLines <= call.limits.logLines && call.logChars <= call.limits.logBytes) {
    call.log(line);
    return;
  }
  call.logLines = call.limits.logLines + 1;
  call.log(
    JSON.stringify({ level: "warn", message: "The call reached its log limit; later lines are dropped." }),
  );
}

function plainFields(fields: unknown): unknown {
  if (fields === undefined) return undefined;
  try {
    const text = JSON.stringify(fields);
    return text === undefined || text.length > MAX_MESSAGE
      ? { dropped: "too large, or not data" }
      : JSON.parse(text);
  } catch {
    return { dropped: "not data" };
  }
}

/** `log` of the context argument: `log.info("message", { fields })`. */
export function createLog(call: ActiveCall) {
  const at = (level: LogLevel) => (message: unknown, fields?: unknown) =>
    logLine(call, level, print(message), fields);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Text for anything, as `console` prints it; never throws. */
export function print(value: unknown): string {
  try {
    if (typeof value === "string") return value;
    if (typeof value !== "object" || value === null) return String(value);
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    return JSON.stringify(value) ?? "undefined";
  } catch {
    return "(unprintable)";
  }
}
