import { InvalidInputError, readJson } from "@plugboard/plugin-sdk";
import type { Org } from "./org.ts";

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm */
export interface QueryReply<Record = RawRecord> {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: Record[];
}

/** A record as Salesforce sends it. */
export interface RawRecord {
  attributes?: { type: string; url?: string };
  [field: string]: unknown;
}

/** Runs a query. @param includeDeleted also what is in the recycle bin, and what was merged into another record */
export function query<Record = RawRecord>(
  org: Org,
  soql: string,
  { includeDeleted = false }: { includeDeleted?: boolean } = {},
): Promise<QueryReply<Record>> {
  return org.ask(includeDeleted ? "/queryAll" : "/query", { query: { q: checked(soql) } });
}

/** As {@link query}, with the time at Salesforce, in milliseconds since 1970. */
export async function queryAtTime<Record = RawRecord>(
  org: Org,
  soql: string,
  { includeDeleted = false }: { includeDeleted?: boolean } = {},
): Promise<{ reply: QueryReply<Record>; atMs: number }> {
  const response = await org.send(includeDeleted ? "/queryAll" : "/query", {
    query: { q: checked(soql) },
  });
  const told = Date.parse(response.headers.get("date") ?? "");
  return {
    reply: await readJson<QueryReply<Record>>(response),
    atMs: Number.isNaN(told) ? Date.now() : told,
  };
}

/** Address and headers have 16,384 bytes together: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm (414, 431) */
const mostBytes = 14_000;

/** @throws InvalidInputError where Salesforce would not say more than that it is too long */
function checked(soql: string): string {
  const bytes = new URLSearchParams({ q: soql }).toString().length;
  if (bytes <= mostBytes) return soql;
  throw new InvalidInputError(
    `The query has ${bytes} bytes in an address, and at most ${mostBytes} fit: ask for fewer fields or values, or use start-bulk-query.`,
  );
}
