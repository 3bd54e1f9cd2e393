import type { RequestRecord } from "../../kernel/capabilities/index.ts";
import { isFailure, type LogLine, toLogLine } from "./log-line.ts";
import { emptyTimes, stepOf } from "./times.ts";

/** What one connection did within a minute. */
export interface Minute {
  tenantId: string;
  connectionId: string;
  startsAt: number;
  total: number;
  failed: number;
  durationMs: number;
  lastAt: number;
  times: number[];
}

export interface GatheredLine extends LogLine {
  tenantId: string;
  connectionId: string;
}

/** What has come together since it was last written. */
export interface Gathered {
  minutes: Map<string, Minute>;
  lines: GatheredLine[];
  /** Lines that there was no room for. */
  dropped: number;
  linesOf: Map<string, number>;
}

/** Between two times of writing, of one connection and of all: a busy one must not fill the log, nor all the memory. */
const mostLinesPerConnection = 100;
const mostLines = 10_000;
const mostMinutes = 50_000;
const minuteMs = 60_000;

export function gatherNothing(): Gathered {
  return { minutes: new Map(), lines: [], dropped: 0, linesOf: new Map() };
}

export function gather(into: Gathered, record: RequestRecord, now: number): void {
  const { connectionId, tenantId } = record;
  const startsAt = now - (now % minuteMs);
  const key = `${connectionId} ${startsAt}`;
  const known = into.minutes.get(key);
  if (known || into.minutes.size < mostMinutes) {
    const minute = known ?? newMinute(tenantId, connectionId, startsAt);
    into.minutes.set(key, minute);
    minute.total++;
    if (isFailure(record)) minute.failed++;
    minute.durationMs += record.durationMs;
    minute.lastAt = now;
    const step = stepOf(record.durationMs);
    minute.times[step] = (minute.times[step] ?? 0) + 1;
  }
  const lines = (into.linesOf.get(connectionId) ?? 0) + 1;
  if (lines > mostLinesPerConnection || into.lines.length >= mostLines) {
    into.dropped++;
    return;
  }
  into.linesOf.set(connectionId, lines);
  into.lines.push({ tenantId, connectionId, ...toLogLine(record, new Date(now)) });
}

function newMinute(tenantId: string, connectionId: string, startsAt: number): Minute {
  const times = emptyTimes();
  return { tenantId, connectionId, startsAt, total: 0, failed: 0, durationMs: 0, lastAt: startsAt, times };
}
