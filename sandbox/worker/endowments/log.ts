import type { ActiveCall } from "../call.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

const MAX_MESSAGE = 4_096;

/** Sends one line to the `log` capability. Past the call's limits one warning is sent, and then nothing. */
export function logLine(call: ActiveCall, level: LogLevel, message: string, fields?: unknown): void {
  if (call.ended || !call.grants("log") || call.logLines > call.limits.logLines) return;
  const line = JSON.stringify({ level, message: message.slice(0, MAX_MESSAGE), fields: plainFields(fields) });
  call.logLines += 1;
  call.logChars += line.length;
  const { logLines, logBytes } = call.limits;
  if (call.logLines <= logLines && call.logChars <= logBytes) {
    call.log(line);
    return;
  }
  const [limit, code] =
    call.logLines > logLines
      ? (["logLines", "log-lines-exceeded"] as const)
      : (["logBytes", "log-bytes-exceeded"] as const);
  call.logLines = logLines + 1;
  const lastWord = "The call reached its log limit; later lines are dropped.";
  call.reached(limit, code, lastWord);
  call.log(JSON.stringify({ level: "warn", message: lastWord, fields: { code } }));
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
