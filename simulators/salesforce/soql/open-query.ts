import { randomBytes } from "node:crypto";
import { SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";
import type { QueryResult } from "./run.ts";

/** A result of which not all was read yet. */
export interface OpenQuery {
  records: QueryResult["records"];
  totalSize: number;
  /** Milliseconds since 1970. */
  expiresAt: number;
  userId: string;
}

const lifetimeMs = 2 * 86_400_000;
/** A user who opens one more loses the oldest: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_query.htm */
const mostOpen = 10;

/** What `query` answers. @param resource `query` or `queryAll` */
export function firstPage(
  { org, userId }: { org: Org; userId: string },
  result: QueryResult,
  batchSize: number,
  resource: string,
) {
  const { records, totalSize } = result;
  if (records.length <= batchSize) return { totalSize, done: true, records };
  const id = `01g${randomBytes(12).toString("hex").slice(0, 15)}`;
  org.queries.set(id, { records, totalSize, userId, expiresAt: org.nowMs() + lifetimeMs });
  const own = [...org.queries].filter(([, open]) => open.userId === userId).map(([key]) => key);
  for (const oldest of own.slice(0, -mostOpen)) org.queries.delete(oldest);
  return pageFrom({ records, totalSize }, id, 0, batchSize, resource);
}

/** What follows. @param locator `01gD0000002HU6KIAW-2000` @throws SalesforceError INVALID_QUERY_LOCATOR */
export function nextPage(org: Org, locator: string, batchSize: number, resource: string) {
  const [, id = "", from = "0"] = /^(\w+)-(\d+)$/.exec(locator) ?? [];
  const open = org.queries.get(id);
  if (!open || open.expiresAt <= org.nowMs() || Number(from) > open.totalSize)
    throw new SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
  return pageFrom(open, id, Number(from), batchSize, resource);
}

function pageFrom(
  { records, totalSize }: Pick<OpenQuery, "records" | "totalSize">,
  id: string,
  from: number,
  batchSize: number,
  resource: string,
) {
  const end = from + batchSize;
  const done = end >= totalSize;
  return {
    totalSize,
    done,
    ...(!done && { nextRecordsUrl: `${resource}/${id}-${end}` }),
    records: records.slice(from, end),
  };
}
