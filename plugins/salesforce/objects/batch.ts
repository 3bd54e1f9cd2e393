import { type BatchResult, PluginError, VendorUnavailableError } from "@plugboard/plugin-sdk";
import { codeOf, entityIsDeleted } from "../api/errors.ts";
import { type Org, segment } from "../api/org.ts";
import { failureOf, type WriteResult } from "../api/write-result.ts";

/** sObject Collections: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm */
export const mostWrites = 200;

/** Creates or changes records in one request, each for itself. */
export async function sendRecords(
  org: Org,
  method: "POST" | "PATCH",
  records: readonly object[],
): Promise<WriteResult[]> {
  const json = { allOrNone: false, records };
  return org.ask("/composite/sobjects", { method, json });
}

/** Creates or changes records under external ids: twice is the same as once, so the host may repeat it. */
export async function sendUpserts(
  org: Org,
  object: string,
  externalIdField: string,
  records: readonly object[],
): Promise<WriteResult[]> {
  const json = { allOrNone: false, records };
  const path = `/composite/sobjects/${segment(object)}/${segment(externalIdField)}`;
  return org.ask(path, { method: "PATCH", json, isRepeatable: true });
}

export async function sendRemovals(org: Org, ids: readonly string[]): Promise<WriteResult[]> {
  const query = { ids: ids.join(","), allOrNone: false };
  const results = await org.ask<WriteResult[]>("/composite/sobjects", { method: "DELETE", query });
  // Of those, too, the host may have repeated the request.
  return results.map((one) =>
    codeOf(one.errors?.[0]) === entityIsDeleted ? { ...one, success: true } : one,
  );
}

/**
 * Sends what can be sent of some writes, and says of each what became of it.
 *
 * @param prepare what is sent of a write @throws PluginError where nothing can
 * @param keyOf the key that the write was for; left out, the record's new id
 */
export async function writeEach<Write, Sent, Record>(
  writes: readonly Write[],
  {
    prepare,
    send,
    keyOf,
  }: {
    prepare(write: Write): Sent;
    send(ready: Sent[]): Promise<WriteResult[]>;
    keyOf?(write: Write): string;
  },
): Promise<BatchResult<Record>[]> {
  const prepared = writes.map((write): { ready: Sent } | { error: PluginError } => {
    try {
      return { ready: prepare(write) };
    } catch (error) {
      if (error instanceof PluginError) return { error };
      throw error;
    }
  });
  const ready = prepared.flatMap((one) => ("ready" in one ? [one.ready] : []));
  const outcomes = ready.length === 0 ? [] : await send(ready);
  if (outcomes.length !== ready.length)
    throw new VendorUnavailableError(
      `Salesforce answered about ${outcomes.length} of ${ready.length} records: what became of them is not known.`,
    );
  const left = outcomes.values();
  return writes.map((write, index): BatchResult<Record> => {
    const one = prepared[index];
    if (one && "error" in one) return one;
    const outcome = left.next().value ?? { success: false };
    return outcome.success ? { key: keyOf?.(write) ?? outcome.id ?? "" } : { error: failureOf(outcome) };
  });
}
