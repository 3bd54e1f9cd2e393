import { action, Type } from "@plugboard/plugin-sdk";
import { openOrg, segment } from "../api/org.ts";
import { pageOf } from "../api/shapes.ts";
import { fromCsv } from "./csv.ts";
import { Job, JobId, moveJob, toJob } from "./job.ts";

const path = (id?: string, rest = "") => `/jobs/query${id === undefined ? "" : `/${segment(id)}`}${rest}`;

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
  description: "Page by page; all values are texts. Salesforce keeps them for seven days.",
  input: Type.Object({
    id: JobId,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 })),
    cursor: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9_=-]{1,200}$" })),
  }),
  output: pageOf(Type.Record(Type.String())),
  async run({ input: { id, limit = 1_000, cursor }, ...context }) {
    const response = await openOrg(context).send(path(id, "/results"), {
      query: { maxRecords: limit, locator: cursor },
      accept: "text/csv",
    });
    const locator = response.headers.get("sforce-locator");
    const items = fromCsv(await response.text());
    // At the end it is the word.
    return { items, nextCursor: locator === null || locator === "null" ? null : locator };
  },
});
