import type { Org } from "./org.ts";
import { queryAtTime, type RawRecord } from "./query.ts";
import { datetime, name, path, text } from "./soql.ts";
import { isoTime } from "./times.ts";

/**
 * How far records were read in the order of a time. A look reads page by page until there is no more; the next one begins
 * a little before the last one did: what a long transaction writes carries a time from before it can be seen.
 */
export interface Place {
  /** From when this look reads, ISO 8601; null for all there is. */
  since: string | null;
  /** Within a look: the last record that was read. */
  after: { at: string; id: string } | null;
  /** Within a look: when it began, by Salesforce's clock. */
  began: string | null;
}

export const start: Place = { since: null, after: null, began: null };

const overlapMs = 120_000;

/** One page of what was made or changed, oldest first. */
export async function look(
  org: Org,
  o: {
    object: string;
    /** API names, besides Id and the time. */
    fields: readonly string[];
    time: "CreatedDate" | "SystemModstamp";
    /** Conditions of SOQL. */
    where?: readonly string[];
    place: Place;
    limit: number;
    includeDeleted?: boolean;
  },
): Promise<{ records: RawRecord[]; next: Place; hasMore: boolean }> {
  const { object, time, place, limit, where = [], includeDeleted = false } = o;
  const fields = new Set(["Id", time, ...(includeDeleted ? ["IsDeleted"] : []), ...o.fields.map(path)]);
  const conditions = [...where, ...from(place, time)];
  const soql = [
    `SELECT ${[...fields].join(", ")} FROM ${name(object)}`,
    ...(conditions.length > 0 ? [`WHERE ${conditions.join(" AND ")}`] : []),
    `ORDER BY ${time}, Id LIMIT ${limit}`,
  ].join(" ");
  const { reply, atMs } = await queryAtTime(org, soql, { includeDeleted });
  const { records, done } = reply;
  const began = place.began ?? new Date(atMs).toISOString();
  const last = records.at(-1);
  const at = isoTime(last?.[time]);
  if (last && at !== null && (!done || records.length >= limit))
    return {
      records,
      next: { since: place.since, after: { at, id: String(last.Id) }, began },
      hasMore: true,
    };
  const since = new Date(Date.parse(datetime(began)) - overlapMs).toISOString();
  return { records, next: { since, after: null, began: null }, hasMore: false };
}

/** Cursors come from callers: what is in them is written as what it must be. */
function from({ since, after }: Place, time: string): string[] {
  if (after) {
    const at = datetime(after.at);
    return [`(${time} > ${at} OR (${time} = ${at} AND Id > ${text(String(after.id))}))`];
  }
  return since ? [`${time} >= ${datetime(since)}`] : [];
}
