import { parse } from "csv-parse/sync";
import { SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";
import { create, type Given, remove, update, upsert, type Writer } from "../records/write.ts";
import type { SObject } from "../schema/sobject.ts";
import type { IngestJob } from "./job.ts";

/** Carries a job out, record by record. */
export function runIngest(org: Org, job: IngestJob): void {
  const rows: string[][] = parse(job.csv ?? "", { delimiter: job.delimiter, skip_empty_lines: true });
  const [columns = [], ...records] = rows;
  job.columns = columns;
  const object = org.object(job.object);
  const unknown = columns.find((name) => !object.field(name));
  if (unknown !== undefined) {
    job.state = "Failed";
    job.errorMessage = `InvalidBatch : Field name not found : ${unknown}`;
    return;
  }
  for (const cells of records) {
    try {
      const { id, created } = writeOne(
        { org, userId: job.createdById },
        job,
        object,
        given(object, columns, cells),
      );
      job.written.push([id, String(created), ...cells]);
    } catch (error) {
      if (!(error instanceof SalesforceError)) throw error;
      const id = cells[columns.findIndex((name) => name.toLowerCase() === "id")] ?? "";
      job.failed.push([id, described(error), ...cells]);
    }
  }
  job.state = "JobComplete";
}

function writeOne(
  writer: Writer,
  job: IngestJob,
  object: SObject,
  fields: Given,
): { id: string; created: boolean } {
  const { Id = "", ...rest } = fields as { Id?: unknown; [field: string]: unknown };
  const id = String(Id ?? "");
  switch (job.operation) {
    case "insert":
      return { id: create(writer, object, rest), created: true };
    case "update":
      update(writer, object, id, rest);
      return { id, created: false };
    case "upsert": {
      const name = object.field(job.externalIdFieldName ?? "")?.name ?? "";
      return upsert(writer, object, name, fields[name], rest);
    }
    default:
      remove(writer, object, id);
      return { id, created: false };
  }
}

/** An empty cell leaves a field as it is, `#N/A` empties it. */
function given(object: SObject, columns: readonly string[], cells: readonly string[]): Given {
  const fields: { [field: string]: unknown } = {};
  for (const [index, name] of columns.entries()) {
    const cell = cells[index] ?? "";
    const field = object.field(name);
    if (cell === "" || !field) continue;
    fields[field.name] =
      cell === "#N/A" ? null : field.type === "boolean" ? cell.toLowerCase() === "true" : cell;
  }
  return fields;
}

function described({ errors }: SalesforceError): string {
  const [{ errorCode = "", message = "", fields = [] } = {}] = errors as {
    errorCode?: string;
    message?: string;
    fields?: string[];
  }[];
  return `${errorCode}:${message}:${fields.join(", ") || "--"}`;
}
