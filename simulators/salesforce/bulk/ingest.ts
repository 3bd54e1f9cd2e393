import { stringify } from "csv-stringify/sync";
import { type Call, noContent, ok, type Resource } from "../api/resource.ts";
import { SalesforceError } from "../errors.ts";
import { jsonOf } from "../http/read-body.ts";
import { delimiters, describeJob, findJob, type IngestJob } from "./job.ts";
import { runIngest } from "./run-ingest.ts";

const operations = ["insert", "update", "upsert", "delete", "hardDelete"];
const one = /^\/jobs\/ingest\/(\w+)\/?$/;

/** Bulk API 2.0: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_job_requests.htm */
export function ingestResources({ reads }: { reads: number }): Resource[] {
  return [
    {
      method: "POST",
      path: /^\/jobs\/ingest\/?$/,
      run: (call) => ok(describeJob(createJob(call, reads))),
    },
    {
      method: "GET",
      path: /^\/jobs\/ingest\/?$/,
      run({ org }) {
        const records = [...org.jobs.values()].filter(({ kind }) => kind === "ingest").map(describeJob);
        return ok({ done: true, records, nextRecordsUrl: null });
      },
    },
    {
      method: "PUT",
      path: /^\/jobs\/ingest\/(\w+)\/batches\/?$/,
      run(call, id) {
        const job = findJob(call.org, "ingest", id ?? "");
        if (job.state !== "Open" || job.csv !== undefined) throw wrongState("Job data was uploaded already");
        if (!/^text\/csv\b/.test(call.header("Content-Type")))
          throw new SalesforceError(415, "INVALIDCONTENTTYPE", "Content-Type has to be text/csv");
        job.csv = call.body;
        return { status: 201 };
      },
    },
    {
      method: "PATCH",
      path: one,
      run(call, id) {
        const job = findJob(call.org, "ingest", id ?? "");
        const { state } = jsonOf(call.body);
        if (state === "Aborted") {
          if (["JobComplete", "Failed", "Aborted"].includes(job.state))
            throw wrongState(`Aborting already ${said(job.state)} Job not allowed`);
          job.state = "Aborted";
        } else if (state === "UploadComplete") {
          if (job.state !== "Open") throw wrongState(`Closing already ${said(job.state)} Job not allowed`);
          job.state = "UploadComplete";
        } else throw new SalesforceError(400, "INVALIDJOB", `Invalid job state ${String(state)}`);
        return ok(describeJob(job));
      },
    },
    {
      method: "GET",
      path: one,
      run({ org }, id) {
        const job = findJob(org, "ingest", id ?? "");
        if (job.state === "UploadComplete" || job.state === "InProgress") {
          job.readsLeft -= 1;
          if (job.readsLeft >= 0) job.state = "InProgress";
          else runIngest(org, job);
        }
        return ok(describeJob(job));
      },
    },
    {
      method: "DELETE",
      path: one,
      run({ org }, id) {
        const job = findJob(org, "ingest", id ?? "");
        if (!["JobComplete", "Failed", "Aborted"].includes(job.state))
          throw wrongState("Deleting a job that is not done is not allowed");
        org.jobs.delete(job.id);
        return noContent;
      },
    },
    {
      method: "GET",
      path: /^\/jobs\/ingest\/(\w+)\/(successfulResults|failedResults|unprocessedrecords)\/?$/i,
      run({ org }, id, result = "") {
        const job = findJob(org, "ingest", id ?? "");
        return {
          status: 200,
          body: resultOf(job, result.toLowerCase()),
          headers: { "Content-Type": "text/csv" },
        };
      },
    },
  ];
}

function createJob({ org, userId, base, body }: Call, reads: number): IngestJob {
  const {
    object,
    operation,
    externalIdFieldName,
    columnDelimiter = "COMMA",
    lineEnding = "LF",
  } = jsonOf(body);
  if (typeof operation !== "string" || !operations.includes(operation))
    throw new SalesforceError(400, "INVALIDJOB", `Invalid operation ${String(operation)}`);
  const sobject = org.objects.find(({ name }) => name === object);
  if (!sobject)
    throw new SalesforceError(
      400,
      "INVALIDENTITY",
      `Entity '${String(object)}' is not supported by the Bulk API.`,
    );
  if (operation === "upsert" && !sobject.field(String(externalIdFieldName ?? ""))?.isExternalId)
    throw new SalesforceError(
      400,
      "INVALIDJOB",
      "External ID was blank, or is none, for the upsert operation.",
    );
  const delimiter = delimiters[String(columnDelimiter)];
  if (delimiter === undefined)
    throw new SalesforceError(400, "INVALIDJOB", `Invalid delimiter ${String(columnDelimiter)}`);
  const job: IngestJob = {
    kind: "ingest",
    id: org.newId("750"),
    object: sobject.name,
    operation,
    externalIdFieldName: operation === "upsert" ? String(externalIdFieldName) : undefined,
    createdById: userId,
    createdAt: org.nowMs(),
    state: "Open",
    apiVersion: Number(/v(\d+\.\d)/.exec(base)?.[1] ?? 66),
    delimiter,
    lineEnding: lineEnding === "CRLF" ? "CRLF" : "LF",
    errorMessage: undefined,
    readsLeft: reads,
    csv: undefined,
    written: [],
    failed: [],
    columns: [],
  };
  org.jobs.set(job.id, job);
  return job;
}

function resultOf(job: IngestJob, result: string): string {
  const { delimiter, columns, written, failed } = job;
  if (result === "successfulresults")
    return stringify([["sf__Id", "sf__Created", ...columns], ...written], { delimiter });
  if (result === "failedresults")
    return stringify([["sf__Id", "sf__Error", ...columns], ...failed], { delimiter });
  // All of them, or none: a job is carried out whole.
  return job.state === "JobComplete" ? stringify([columns], { delimiter }) : (job.csv ?? "");
}

const wrongState = (message: string) => new SalesforceError(400, "INVALIDJOBSTATE", message);

const said = (state: string): string => (state === "Aborted" ? "Aborted" : "Completed");
