import type { Capability, Payload } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { CapabilityError } from "./errors.ts";

/** What one call may write. */
export interface LogLimits {
  maxLines: number;
  /** Of one line: its message and its fields as JSON. */
  maxLineBytes: number;
  /** Of all lines together. */
  maxBytes: number;
}

const defaultLogLimits: LogLimits = { maxLines: 1_000, maxLineBytes: 16 * 1024, maxBytes: 1024 * 1024 };

const levels = ["debug", "info", "warn", "error"] as const;

interface Line {
  level: (typeof levels)[number];
  message: string;
  fields: Payload | undefined;
}

/**
 * The `log` of one call of a plugin: its lines go to the host's log, under the host's own fields. What the plugin adds
 * stands in `fields`, so that it cannot pass for something the host wrote. Make a new one for each call.
 *
 * The capability throws CapabilityError `log-invalid-line`, `log-line-too-large` or `log-limit-exceeded`.
 */
export function logCapability(options: {
  logger: Logger;
  /** Who is speaking: tenant, plugin, version, call. */
  fields?: Record<string, unknown>;
  limits?: Partial<LogLimits>;
}): Capability {
  const { logger, fields: bindings } = options;
  const limits = { ...defaultLogLimits, ...options.limits };
  let lines = 0;
  let bytes = 0;
  let isFull = false;

  return async (payload) => {
    const { level, message, fields } = checkLine(payload);
    const size =
      Buffer.byteLength(message) + (fields === undefined ? 0 : Buffer.byteLength(JSON.stringify(fields)));
    if (size > limits.maxLineBytes) {
      throw new CapabilityError(
        "log-line-too-large",
        `A log line may have ${limits.maxLineBytes} bytes, not ${size}.`,
      );
    }
    if (lines + 1 > limits.maxLines || bytes + size > limits.maxBytes) {
      if (!isFull)
        logger.warn({ ...bindings }, "the plugin's log is full; further lines of this call are dropped");
      isFull = true;
      throw new CapabilityError(
        "log-limit-exceeded",
        `A call may write ${limits.maxLines} log lines and ${limits.maxBytes} bytes; this one has.`,
      );
    }
    lines++;
    bytes += size;
    logger[level]({ ...bindings, ...(fields !== undefined && { fields }) }, message);
    return null;
  };
}

function checkLine(payload: Payload): Line {
  if (
    typeof payload !== "object" ||
    payload === null ||
    Array.isArray(payload) ||
    ArrayBuffer.isView(payload)
  ) {
    throw invalid("A log line must be an object { level, message, fields? }.");
  }
  const { level: name, message, fields, ...rest } = payload;
  const level = levels.find((known) => known === name);
  if (!level) throw invalid(`The level of a log line must be one of ${levels.join(", ")}.`);
  if (typeof message !== "string") throw invalid("The message of a log line must be a string.");
  if (Object.keys(rest).length > 0) throw invalid("A log line has no members but level, message and fields.");
  return { level, message, fields };
}

function invalid(message: string): CapabilityError {
  return new CapabilityError("log-invalid-line", message);
}
