import { action, InvalidInputError, pageOf, Type } from "@plugboard/plugin-sdk";
import { openOrg, segment } from "../api/org.ts";
import { MaybeText } from "../api/shapes.ts";
import { fromCsv } from "./csv.ts";
import { FileOut, fileOut } from "./file-out.ts";
import { JobId } from "./job.ts";

const resources = {
  written: "successfulResults",
  failed: "failedResults",
  unprocessed: "unprocessedrecords",
} as const;

const Of = Type.Enum(["written", "failed", "unprocessed"]);

const Result = Type.Object({
  id: MaybeText,
  created: Type.Boolean(),
  error: MaybeText,
  fields: Type.Record(Type.String(), { description: "What was uploaded, as text" }),
});

export const readBulkResult = action({
  title: "Read what became of a bulk job's records",
  description:
    "Those that were written, that failed, or that were not looked at. The whole is read for each page: for many, use export-bulk-result.",
  input: Type.Object({
    id: JobId,
    of: Of,
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

export const exportBulkResult = action({
  title: "Put what became of a bulk job's records into a file",
  description: "As CSV, in which sf__Id, sf__Created and sf__Error stand before what was uploaded.",
  input: Type.Object({ id: JobId, of: Of }),
  output: Type.Object(FileOut, { additionalProperties: false }),
  async run({ input: { id, of }, ...context }) {
    const name = `${id}-${of}.csv`;
    const path = `/jobs/ingest/${segment(id)}/${resources[of]}`;
    return fileOut((await openOrg(context).download(path, { name })).file);
  },
});

function toResult({ sf__Id, sf__Created, sf__Error, ...fields }: { [field: string]: string }) {
  return { id: sf__Id || null, created: sf__Created === "true", error: sf__Error || null, fields };
}
