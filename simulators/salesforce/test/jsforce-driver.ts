import type { Connection } from "jsforce";
import { type Answer, Refusal } from "./scenarios/index.ts";

type Input = { [field: string]: Answer };

/** jsforce in the terms of the scenarios. @throws {Refusal} */
export function jsforceDriver(conn: Connection): (action: string, input?: object) => Promise<Answer> {
  return async (action, input = {}) => {
    const call = calls[action];
    if (!call) throw new TypeError(`jsforce has no ${action}.`);
    try {
      return await call(conn, input);
    } catch (error) {
      const { errorCode, name, message } = error as { errorCode?: string; name?: string; message?: string };
      // Of a record it answers what a record was refused with; of a request it throws Salesforce's error.
      const code = errorCode ?? (name === "Error" || name === "TypeError" ? undefined : name);
      throw code === undefined ? error : new Refusal(message ?? "", code);
    }
  };
}

const calls: { [action: string]: (conn: Connection, input: Input) => Promise<Answer> } = {
  "describe-object": (conn, { object }) => conn.describe(object),
  "get-limits": async (conn) => ({
    limits: Object.fromEntries(
      Object.entries(await conn.limits()).map(([name, { Max, Remaining }]) => [
        name,
        { max: Max, remaining: Remaining },
      ]),
    ),
  }),
  "create-record": (conn, { object, fields }) => conn.sobject(object).create(fields),
  "get-record": (conn, { object, id, fields }) => conn.sobject(object).retrieve(id, { fields }),
  "update-record": (conn, { object, id, fields }) => conn.sobject(object).update({ ...fields, Id: id }),
  "delete-record": (conn, { object, id }) => conn.sobject(object).destroy(id),
  "upsert-record": (conn, { object, externalIdField, value, fields }) =>
    conn.sobject(object).upsert({ ...fields, [externalIdField]: value }, externalIdField),
  "create-records": async (conn, { object, records, allOrNone = false }) =>
    told(await conn.sobject(object).create(records, { allOrNone })),
  "update-records": async (conn, { object, records, allOrNone = false }) => {
    const given = records.map(({ id, fields }: Answer) => ({ ...fields, Id: id }));
    return told(await conn.sobject(object).update(given, { allOrNone }));
  },
  "upsert-records": async (conn, { object, externalIdField, records }) => {
    const given = records.map(({ value, fields }: Answer) => ({ ...fields, [externalIdField]: value }));
    return told(await conn.sobject(object).upsert(given, externalIdField));
  },
  "delete-records": async (conn, { ids }) => told(await conn.sobject("Account").destroy(ids)),
  "get-records": async (conn, { object, ids, fields }) => ({
    records: await conn.sobject(object).retrieve(ids, { fields }),
  }),
  async query(conn, { soql, cursor, includeDeleted = false }) {
    const path = `/services/data/v${conn.version}/query/${cursor}`;
    const reply = cursor ? await conn.queryMore(path) : await conn.query(soql, { scanAll: includeDeleted });
    const { totalSize, records, nextRecordsUrl } = reply;
    return { totalSize, records, nextCursor: nextRecordsUrl?.split("/").at(-1) ?? null };
  },
  async composite(conn, { allOrNone, requests }) {
    const compositeRequest = requests.map(({ path, ...one }: Answer) => ({
      ...one,
      url: `/services/data/v${conn.version}${path}`,
    }));
    const { compositeResponse } = await conn.requestPost<Answer>("/composite", {
      allOrNone,
      compositeRequest,
    });
    return { responses: compositeResponse.map((one: Answer) => ({ ...one, status: one.httpStatusCode })) };
  },
  "get-updated": (conn, { object, from, to }) => conn.sobject(object).updated(from, to),
  async "get-deleted"(conn, { object, from, to }) {
    return { records: (await conn.sobject(object).deleted(from, to)).deletedRecords };
  },
  async "start-bulk-write"(conn, { object, operation, externalIdField, records }) {
    const named = externalIdField && { externalIdFieldName: externalIdField };
    const job = conn.bulk2.createJob({ object, operation, ...named });
    await job.open();
    await job.uploadData(records.map(emptied));
    await job.close();
    return { id: job.id, state: job.getInfo().state };
  },
  "get-bulk-job": async (conn, { id }) => toJob(await conn.bulk2.job("ingest", { id }).check()),
  async "read-bulk-result"(conn, { id, of }) {
    const job = conn.bulk2.job("ingest", { id });
    const results: Answer[] =
      of === "failed" ? await job.getFailedResults() : await job.getSuccessfulResults();
    return {
      items: results.map(({ sf__Id, sf__Created, sf__Error, ...fields }) => ({
        id: sf__Id,
        created: sf__Created === "true",
        error: sf__Error,
        fields,
      })),
    };
  },
  // jsforce opens no query without waiting for it; so it is asked for as jsforce asks.
  "start-bulk-query": (conn, { soql }) =>
    conn.requestPost("/jobs/query", { operation: "query", query: soql, contentType: "CSV" }),
  "get-bulk-query": async (conn, { id }) => toJob(await conn.bulk2.job("query", { id }).check()),
  "read-bulk-query": async (conn, { id }) => ({
    items: await (await conn.bulk2.job("query", { id }).result()).toArray(),
  }),
};

/** What a CSV of jsforce's says of a field that is to be empty. */
const emptied = (record: Answer) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value ?? "#N/A"]));

const told = (results: Answer[]) => ({
  results: results.map(({ id, success, created, errors }) => ({
    id,
    success,
    created,
    errors: errors.map(({ statusCode, message, fields }: Answer) => ({ code: statusCode, message, fields })),
  })),
});

const toJob = (job: Answer) => ({
  id: job.id,
  state: job.state,
  isDone: ["JobComplete", "Failed", "Aborted"].includes(job.state),
  recordsProcessed: job.numberRecordsProcessed,
  recordsFailed: job.numberRecordsFailed,
});
