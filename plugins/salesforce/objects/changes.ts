import { type Change, type Changes, type ChangesContext, type Json, readCursor } from "@plugboard/plugin-sdk";
import { look, type Place, start } from "../api/look.ts";
import { openOrg } from "../api/org.ts";
import type { RawRecord } from "../api/query.ts";
import { readVisible } from "../api/visible.ts";

/** Records beyond this come in several batches, however many are asked for. */
const mostAtOnce = 1_000;

/**
 * What was changed and deleted since `cursor`, in the order of SystemModstamp, which a deletion moves as well. Salesforce
 * keeps what was deleted for 15 days, if nobody empties the bin: whoever asks more seldom misses deletions.
 */
export async function changesSince<Record extends { id: string }>(
  object: string,
  { cursor, limit, ...context }: ChangesContext<{ readonly [setting: string]: Json }>,
  { select, read }: { select: readonly string[]; read(raw: RawRecord): Record },
): Promise<Changes<Record>> {
  const place = cursor === null ? start : readCursor<Place>(cursor);
  const org = openOrg(context);
  const { records, next, hasMore } = await readVisible(org, {
    object,
    fields: select,
    read: (fields) =>
      look(org, {
        object,
        fields,
        time: "SystemModstamp",
        place,
        limit: Math.min(limit, mostAtOnce),
        includeDeleted: true,
      }),
  });
  const changes = records.map((raw): Change<Record> => {
    const key = String(raw.Id);
    return raw.IsDeleted === true ? { op: "remove", key } : { op: "upsert", key, record: read(raw) };
  });
  return { changes, cursor: JSON.stringify(next), hasMore };
}
