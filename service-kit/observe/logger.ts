import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from "pino";
import { redact } from "./redact.ts";
import { scrubText } from "./sensitive.ts";

export type { Logger } from "pino";

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** Default `info`. */
  level?: LogLevel;
  /** The program: `plugboard`, `plugboard-registry`. */
  name: string;
  /** Where the lines go; default standard output, without blocking. */
  destination?: DestinationStream;
}

/**
 * A pino logger: one JSON line per call, with secrets redacted in bindings, fields, errors and
 * message texts (see `redact`).
 */
export function createLogger(o: LoggerOptions): Logger {
  const logger = pino(
    {
      level: o.level ?? "info",
      name: o.name,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      // Errors are plain data by then; pino's own serialiser would look into them again.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          method.apply(this, cleanArguments(args) as typeof args);
        },
      },
    },
    o.destination ?? destination({ sync: false, minLength: 4096, periodicFlush: 100 }),
  );
  return redactChildren(logger);
}

/** `log.error(error)` takes its message from the error, past every formatter; so it is spelled out here. */
function cleanArguments(args: unknown[]): unknown[] {
  const [first, ...rest] = args;
  if (first instanceof Error && rest.length === 0) return [{ err: first }, scrubText(first.message)];
  return args.map((arg) => (typeof arg === "string" ? scrubText(arg) : arg));
}

/** Pino applies no formatter to the bindings of children. They inherit from the root, and so this method. */
function redactChildren(logger: Logger): Logger {
  const { child } = logger;
  logger.child = function redactingChild(this: Logger, bindings, options) {
    return child.call(this, redactFields(bindings), options);
  } as Logger["child"];
  return logger;
}

function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return redact(fields) as Record<string, unknown>;
}
