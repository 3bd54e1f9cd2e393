import { action, InvalidInputError, type Json, PluginError, Type } from "@plugboard/plugin-sdk";
import { type Org, openOrg, segment } from "../api/org.ts";
import { FieldName, Fields, ObjectName } from "../api/shapes.ts";
import { toCsv } from "./csv.ts";
import { Job, JobId, type JobReply, moveJob, toJob } from "./job.ts";

const path = (id?: string, rest = "") => `/jobs/ingest${id === undefined ? "" : `/${segment(id)}`}${rest}`;

const jobFields = {
  object: ObjectName,
  operation: Type.Enum(["insert", "update", "upsert", "delete", "hardDelete"]),
  externalIdField: Type.Optional(FieldName),
};
/** Salesforce takes 150 MB of one job; this is what one call of an action may have. */
const Records = Type.Array(Fields, {
  minItems: 1,
  maxItems: 100_000,
  description: "To update or delete, each with its Id; null empties a field",
});
const Csv = Type.String({
  minLength: 1,
  description:
    "Instead of records: CSV with commas, lines ending in a line feed, and the fields' API names above",
});

interface NewJob {
  object: string;
  operation: string;
  externalIdField?: string;
}

function create(org: Org, { object, operation, externalIdField }: NewJob): Promise<JobReply> {
  if ((operation === "upsert") !== (externalIdField !== undefined))
    throw new InvalidInputError("externalIdField is for upsert, which needs it.");
  return org.ask(path(), {
    method: "POST",
    json: {
      object,
      operation,
      contentType: "CSV",
      lineEnding: "LF",
      columnDelimiter: "COMMA",
      ...(externalIdField !== undefined && { externalIdFieldName: externalIdField }),
    },
  });
}

const close = (org: Org, id: string): Promise<JobReply> => moveJob(org, path(id), "UploadComplete");

/** What is uploaded, in one of three ways. */
const data = {
  records: Type.Optional(Records),
  csv: Type.Optional(Csv),
  file: Type.Optional(Type.File({ description: "Instead of records: a file of such CSV, of up to 100 MB" })),
};
interface Data {
  records?: { [field: string]: Json }[];
  csv?: string;
  file?: string;
}

/** @throws InvalidInputError */
function checkData({ records, csv, file }: Data): void {
  if ([records, csv, file].filter((one) => one !== undefined).length !== 1)
    throw new InvalidInputError("Give either records, or csv, or file.");
}

async function upload(org: Org, id: string, { records = [], csv, file }: Data): Promise<void> {
  if (file !== undefined) await org.upload(path(id, "/batches"), file);
  else await org.send(path(id, "/batches"), { method: "PUT", csv: csv ?? toCsv(records) });
}

export const startBulkWrite = action({
  title: "Write records in bulk",
  description:
    "Makes a job of many records of one object, uploads them and starts it. Ask get-bulk-job until isDone, then read what became of them with read-bulk-result.",
  input: Type.Object({ ...jobFields, ...data }),
  output: Job,
  async run({ input, ...context }) {
    checkData(input);
    const org = openOrg(context);
    const { id } = await create(org, input);
    try {
      await upload(org, id, input);
    } catch (error) {
      // A job that was never closed counts against the org's limits for a week.
      await moveJob(org, path(id), "Aborted").catch(() => undefined);
      throw error;
    }
    try {
      return toJob(await close(org, id));
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      // It may have been started. Whoever knows it can see, and need not write everything again.
      const details = { ...(error.details as object), job: id };
      throw new PluginError(error.code, `The job ${id} was not started for certain: ${error.message}`, {
        details,
      });
    }
  },
});

export const createBulkJob = action({
  title: "Make a bulk job",
  description: "For those who upload by themselves: then upload-bulk-data, and close-bulk-job.",
  input: Type.Object(jobFields),
  output: Job,
  run: async ({ input, ...context }) => toJob(await create(openOrg(context), input)),
});

export const uploadBulkData = action({
  title: "Upload the records of a bulk job",
  description: "Once for each job.",
  input: Type.Object({ id: JobId, ...data }),
  output: Type.Object({ id: Type.String() }, { additionalProperties: false }),
  async run({ input: { id, ...given }, ...context }) {
    checkData(given);
    await upload(openOrg(context), id, given);
    return { id };
  },
});

export const closeBulkJob = action({
  title: "Start a bulk job",
  description: "After its records were uploaded.",
  input: Type.Object({ id: JobId }),
  output: Job,
  run: async ({ input: { id }, ...context }) => toJob(await close(openOrg(context), id)),
});

export const abortBulkJob = action({
  title: "Stop a bulk job",
  description: "What was written by then stays.",
  input: Type.Object({ id: JobId }),
  output: Job,
  run: async ({ input: { id }, ...context }) => toJob(await moveJob(openOrg(context), path(id), "Aborted")),
});

export const getBulkJob = action({
  title: "Get a bulk job",
  input: Type.Object({ id: JobId }),
  output: Job,
  run: async ({ input: { id }, ...context }) => toJob(await openOrg(context).ask(path(id))),
});

export const deleteBulkJob = action({
  title: "Forget a bulk job",
  description: "Of those that are done or were stopped. The records stay as they are.",
  input: Type.Object({ id: JobId }),
  output: Type.Object({ id: Type.String() }, { additionalProperties: false }),
  async run({ input: { id }, ...context }) {
    await openOrg(context).ask(path(id), { method: "DELETE" });
    return { id };
  },
});
