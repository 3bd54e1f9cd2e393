import { stringify } from "csv-stringify/sync";
import { type Answer, type Call, noContent, ok, type Resource } from "../api/resource.ts";
import { SalesforceError } from "../errors.ts";
import { jsonOf } from "../http/read-body.ts";
import { type QueryResult, runSoql } from "../soql/index.ts";
import { delimiters, describeJob, findJob, type QueryJob } from "./job.ts";

const one = /^\/jobs\/query\/(\w+)\/?$/;

/** Bulk API 2.0: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm */
export function queryJobResources({ reads }: { reads: number }): Resource[] {
  return [
    { method: "POST", path: /^\/jobs\/query\/?$/, run: (call) => ok(describeJob(createJob(call, reads))) },
    {
      method: "GET",
      path: one,
      run(call, id) {
        const job = findJob(call.org, "query", id ?? "");
        if (job.state === "UploadComplete" || job.state === "InProgress") {
          job.readsLeft -= 1;
          if (job.readsLeft >= 0) job.state = "InProgress";
          else carryOut(call, job);
        }
        return ok(describeJob(job));
      },
    },
    {
      method: "PATCH",
      path: one,
      run({ org, body }, id) {
        const job = findJob(org, "query", id ?? "");
        if (jsonOf(body).state !== "Aborted")
          throw new SalesforceError(400, "INVALIDJOB", "Invalid job state");
        if (job.state === "JobComplete" || job.state === "Aborted")
          throw wrongState("Aborting already Completed Job not allowed");
        job.state = "Aborted";
        return ok(describeJob(job));
      },
    },
    {
      method: "DELETE",
      path: one,
      run({ org }, id) {
        const job = findJob(org, "query", id ?? "");
        if (job.state !== "JobComplete" && job.state !== "Aborted")
          throw wrongState("Deleting a job that is not done is not allowed");
        org.jobs.delete(job.id);
        return noContent;
      },
    },
    {
      method: "GET",
      path: /^\/jobs\/query\/(\w+)\/results\/?$/,
      run: ({ org, query }, id) => page(findJob(org, "query", id ?? ""), query),
    },
  ];
}

function createJob({ org, userId, base, body }: Call, reads: number): QueryJob {
  const { operation, query, columnDelimiter = "COMMA", lineEnding = "LF" } = jsonOf(body);
  if (operation !== "query" && operation !== "queryAll")
    throw new SalesforceError(400, "INVALIDJOB", `Invalid operation ${String(operation)}`);
  const { object, kind } = runSoql(org, String(query ?? ""), { base, all: operation === "queryAll" });
  if (kind !== "simple")
    throw new SalesforceError(
      400,
      "API_ERROR",
      kind === "nested"
        ? "Nested queries are not supported by the Bulk API"
        : "Aggregate Relationships not supported in Bulk Query",
    );
  const job: QueryJob = {
    kind: "query",
    id: org.newId("750"),
    object: object.name,
    operation,
    query: String(query),
    createdById: userId,
    createdAt: org.nowMs(),
    state: "UploadComplete",
    apiVersion: Number(/v(\d+\.\d)/.exec(base)?.[1] ?? 66),
    delimiter: delimiters[String(columnDelimiter)] ?? ",",
    lineEnding: lineEnding === "CRLF" ? "CRLF" : "LF",
    errorMessage: undefined,
    readsLeft: reads,
    columns: [],
    rows: [],
  };
  org.jobs.set(job.id, job);
  return job;
}

function carryOut({ org, base }: Call, job: QueryJob): void {
  const { columns, records } = runSoql(org, job.query, { base, all: job.operation === "queryAll" });
  job.columns = columns;
  job.rows = records.map((record) => columns.map((column) => cell(record, column)));
  job.state = "JobComplete";
}

/** `Account.Name` stands in the record of the account. */
function cell(record: QueryResult["records"][number], column: string): string {
  const value = column
    .split(".")
    .reduce<unknown>(
      (held, name) =>
        typeof held === "object" && held !== null
          ? Object.entries(held).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
          : undefined,
      record,
    );
  return value === null || value === undefined ? "" : String(value);
}

function page(job: QueryJob, query: URLSearchParams): Answer {
  if (job.state !== "JobComplete") throw wrongState(`Results of a job that is ${job.state} cannot be read`);
  const from = Number(Buffer.from(query.get("locator") ?? "", "base64url").toString() || 0);
  if (!Number.isInteger(from) || from < 0 || from > job.rows.length)
    throw new SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
  const most = Number(query.get("maxRecords") ?? 50_000);
  const rows = job.rows.slice(from, from + most);
  const next =
    from + most < job.rows.length ? Buffer.from(String(from + most)).toString("base64url") : "null";
  const csv = stringify([job.columns, ...rows], {
    delimiter: job.delimiter,
    quoted: true,
    record_delimiter: job.lineEnding === "CRLF" ? "\r\n" : "\n",
  });
  return {
    status: 200,
    body: csv,
    headers: {
      "Content-Type": "text/csv",
      "Sforce-Locator": next,
      "Sforce-NumberOfRecords": String(rows.length),
    },
  };
}

const wrongState = (message: string) => new SalesforceError(400, "INVALIDJOBSTATE", message);
