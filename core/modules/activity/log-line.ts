import type { RequestRecord } from "../../kernel/capabilities/index.ts";

export const levels = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof levels)[number];

/** One request over a connection, as its owner may read of it: never a query, a header or a body. */
export interface LogLine {
  at: Date;
  level: Level;
  method: string | null;
  host: string;
  /** What looks like an id nobody could guess is left out of it. */
  path: string | null;
  status: number | null;
  /** `ok`, or the broker's code. */
  code: string;
  durationMs: number;
  attempts: number;
}

export function toLogLine(record: RequestRecord, at: Date): LogLine {
  const { method, host, path, status, code, durationMs, attempts, isCached } = record;
  return {
    at,
    level: isCached ? "debug" : levelOf(record),
    method: method ?? null,
    host,
    path: path === undefined ? null : maskPath(path),
    status: status ?? null,
    code,
    durationMs: Math.round(durationMs),
    attempts,
  };
}

/** Whether a request did what it was to do, as far as the vendor's status says it. */
export function isFailure({ code, status }: Pick<RequestRecord, "code" | "status">): boolean {
  return code !== "ok" || (status ?? 0) >= 400;
}

function levelOf({ code, status = 0, attempts }: RequestRecord): Level {
  if (code !== "ok" || status >= 500) return "error";
  return status >= 400 || attempts > 1 ? "warn" : "info";
}

const longestPath = 300;

/** Some vendors put what opens a door into the path; such a part is long and has no words in it. */
function maskPath(path: string): string {
  const masked = path
    .split("/")
    .map((part) => (part.length >= 20 && /\d/.test(part) ? "***" : part))
    .join("/");
  return masked.length > longestPath ? `${masked.slice(0, longestPath)}…` : masked;
}
