import { action, InvalidInputError, Type } from "@plugboard/plugin-sdk";
import { openOrg, segment } from "../api/org.ts";
import { MaybeText, pageOf } from "../api/shapes.ts";
import { fromCsv } from "./csv.ts";
import { JobId } from "./job.ts";

const resources = {
  written: "successfulResults",
  failed: "failedResults",
  unprocessed: "unprocessedrecords",
} as const;

const Result = Type.Object({
  id: MaybeText,
  created: Type.Boolean(),
  error: MaybeText,
  fields: Type.Record(Type.String(), { description: "What was uploaded, as text" }),
});

export const readBulkResult = action({
  title: "Read what became of a bulk job's records",
  description:
    "Those that were written, that failed, or that were not looked at. The whole is read for each page, so a job's result may have as many bytes as the host lets a plugin read.",
  input: Type.Object({
    id: JobId,
    of: Type.Enum(["written", "failed", "unprocessed"]),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 })),
    cursor: Type.Optional(Type.String({ pattern: "^[0-9]{1,9}$" })),
  }),
  output: pageOf(Result),
  async run({ input: { id, of, limit = 1_000, cursor = "0" }, ...context }) {
    const response = await openOrg(context).send(`/jobs/ingest/${segment(id)}/${resources[of]}`, {
      accept: "text/csv",
    });
    const records = fromCsv(await response.text());
    const from = Number(cursor);
    if (from > records.length) throw new InvalidInputError("The cursor is beyond the end of the result.");
    const items = records.slice(from, from + limit).map(toResult);
    return { items, nextCursor: from + limit < records.length ? String(from + limit) : null };
  },
});

function toResult({ sf__Id, sf__Created, sf__Error, ...fields }: { [field: string]: string }) {
  return { id: sf__Id || null, created: sf__Created === "true", error: sf__Error || null, fields };
}
