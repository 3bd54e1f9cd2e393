import { SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";
import { outwardTime } from "../records/outward.ts";

export type JobState = "Open" | "UploadComplete" | "InProgress" | "JobComplete" | "Failed" | "Aborted";

interface Common {
  id: string;
  object: string;
  createdById: string;
  createdAt: number;
  state: JobState;
  apiVersion: number;
  delimiter: string;
  lineEnding: "LF" | "CRLF";
  errorMessage: string | undefined;
  /** How often it is still told to be running. */
  readsLeft: number;
}

export interface IngestJob extends Common {
  kind: "ingest";
  operation: string;
  externalIdFieldName: string | undefined;
  csv: string | undefined;
  written: string[][];
  failed: string[][];
  /** Of all three results. */
  columns: string[];
}

export interface QueryJob extends Common {
  kind: "query";
  operation: "query" | "queryAll";
  query: string;
  columns: string[];
  rows: string[][];
}

export type BulkJob = IngestJob | QueryJob;

/** Names of what parts columns. */
export const delimiters: { readonly [name: string]: string } = {
  COMMA: ",",
  SEMICOLON: ";",
  TAB: "\t",
  PIPE: "|",
  CARET: "^",
  BACKQUOTE: "`",
};

/** @throws SalesforceError */
export function findJob<Kind extends BulkJob["kind"]>(
  org: Org,
  kind: Kind,
  id: string,
): Extract<BulkJob, { kind: Kind }> {
  const job = org.jobs.get(id);
  if (job?.kind === kind) return job as Extract<BulkJob, { kind: Kind }>;
  throw new SalesforceError(404, "NOT_FOUND", "The requested resource does not exist");
}

/** A job as it is told. */
export function describeJob(job: BulkJob) {
  const common = {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: job.createdById,
    createdDate: outwardTime(new Date(job.createdAt).toISOString()),
    systemModstamp: outwardTime(new Date(job.createdAt).toISOString()),
    state: job.state,
    concurrencyMode: "Parallel",
    contentType: "CSV",
    apiVersion: job.apiVersion,
    lineEnding: job.lineEnding,
    columnDelimiter: Object.entries(delimiters).find(([, sign]) => sign === job.delimiter)?.[0] ?? "COMMA",
    retries: 0,
    totalProcessingTime: 0,
    ...(job.errorMessage !== undefined && { errorMessage: job.errorMessage }),
  };
  if (job.kind === "query")
    return {
      ...common,
      jobType: "V2Query",
      numberRecordsProcessed: job.rows.length,
      isPkChunkingSupported: true,
    };
  return {
    ...common,
    jobType: "V2Ingest",
    ...(job.externalIdFieldName !== undefined && { externalIdFieldName: job.externalIdFieldName }),
    contentUrl: `services/data/v${job.apiVersion.toFixed(1)}/jobs/ingest/${job.id}/batches`,
    numberRecordsProcessed: job.written.length + job.failed.length,
    numberRecordsFailed: job.failed.length,
    apiActiveProcessingTime: 0,
    apexProcessingTime: 0,
  };
}
