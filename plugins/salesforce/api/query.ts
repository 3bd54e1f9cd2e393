import { readJson } from "@plugboard/plugin-sdk";
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
  return org.ask(includeDeleted ? "/queryAll" : "/query", { query: { q: soql } });
}

/** As {@link query}, with the time at Salesforce, in milliseconds since 1970. */
export async function queryAtTime<Record = RawRecord>(
  org: Org,
  soql: string,
  { includeDeleted = false }: { includeDeleted?: boolean } = {},
): Promise<{ reply: QueryReply<Record>; atMs: number }> {
  const response = await org.send(includeDeleted ? "/queryAll" : "/query", { query: { q: soql } });
  const told = Date.parse(response.headers.get("date") ?? "");
  return {
    reply: await readJson<QueryReply<Record>>(response),
    atMs: Number.isNaN(told) ? Date.now() : told,
  };
}
