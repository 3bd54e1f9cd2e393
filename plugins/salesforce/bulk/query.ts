import { action, pageOf, Type } from "@plugboard/plugin-sdk";
import { openOrg, segment } from "../api/org.ts";
import { MaybeText } from "../api/shapes.ts";
import { fromCsv } from "./csv.ts";
import { FileOut, fileOut } from "./file-out.ts";
import { Job, JobId, moveJob, toJob } from "./job.ts";

const path = (id?: string, rest = "") => `/jobs/query${id === undefined ? "" : `/${segment(id)}`}${rest}`;

const Cursor = Type.String({ pattern: "^[A-Za-z0-9_=-]{1,200}$" });

export const startBulkQuery = action({
  title: "Query records in bulk",
  description: "For many records. Ask get-bulk-query until isDone, then read them with read-bulk-query.",
  input: Type.Object({
    soql: Type.String({
      minLength: 1,
      maxLength: 100_000,
      description: "SOQL without subqueries and groups",
    }),
    includeDeleted: Type.Optional(Type.Boolean({ default: false })),
  }),
  output: Job,
  async run({ input: { soql, includeDeleted = false }, ...context }) {
    const json = {
      operation: includeDeleted ? "queryAll" : "query",
      query: soql,
      contentType: "CSV",
      columnDelimiter: "COMMA",
      lineEnding: "LF",
    };
    return toJob(await openOrg(context).ask(path(), { method: "POST", json }));
  },
});

export const getBulkQuery = action({
  title: "Get a bulk query",
  input: Type.Object({ id: JobId }),
  output: Job,
  run: async ({ input: { id }, ...context }) => toJob(await openOrg(context).ask(path(id))),
});

export const abortBulkQuery = action({
  title: "Stop a bulk query",
  input: Type.Object({ id: JobId }),
  output: Job,
  run: async ({ input: { id }, ...context }) => toJob(await moveJob(openOrg(context), path(id), "Aborted")),
});

export const deleteBulkQuery = action({
  title: "Forget a bulk query",
  description: "And its result.",
  input: Type.Object({ id: JobId }),
  output: Type.Object({ id: Type.String() }, { additionalProperties: false }),
  async run({ input: { id }, ...context }) {
    await openOrg(context).ask(path(id), { method: "DELETE" });
    return { id };
  },
});

export const readBulkQuery = action({
  title: "Read the records of a bulk query",
  description:
    "Page by page; all values are texts. Salesforce keeps them for seven days. For many, use export-bulk-query.",
  input: Type.Object({
    id: JobId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 })),
    cursor: Type.Optional(Cursor),
  }),
  output: pageOf(Type.Record(Type.String())),
  async run({ input: { id, limit = 1_000, cursor }, ...context }) {
    const response = await openOrg(context).send(path(id, "/results"), {
      query: { maxRecords: limit, locator: cursor },
      accept: "text/csv",
    });
    const items = fromCsv(await response.text());
    return { items, nextCursor: nextOf(response.headers.get("sforce-locator")) };
  },
});

export const exportBulkQuery = action({
  title: "Put the records of a bulk query into a file",
  description:
    "As CSV, as many of them as Salesforce gives at once, or fewer with limit. Where nextCursor is not null, call again with it as cursor: the next file has the rest, with the same first line.",
  input: Type.Object({
    id: JobId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
    cursor: Type.Optional(Cursor),
  }),
  output: Type.Object(
    { ...FileOut, records: Type.Nullable(Type.Integer()), nextCursor: MaybeText },
    { additionalProperties: false },
  ),
  async run({ input: { id, limit, cursor }, ...context }) {
    const query = { maxRecords: limit, locator: cursor };
    const { file, headers } = await openOrg(context).download(path(id, "/results"), {
      query,
      name: `${id}.csv`,
    });
    const records = Number(headers["sforce-numberofrecords"] ?? Number.NaN);
    return {
      ...fileOut(file),
      records: Number.isInteger(records) ? records : null,
      nextCursor: nextOf(headers["sforce-locator"]),
    };
  },
});

/** At the end the locator is the word. */
const nextOf = (locator: string | null | undefined): string | null =>
  locator === undefined || locator === "null" ? null : locator;
