import { composite } from "./composite.ts";
import { describeObject, listObjects } from "./describe.ts";
import { findRecords } from "./find.ts";
import { getLimits } from "./limits.ts";
import { createRecords, deleteRecords, getRecords, updateRecords, upsertRecords } from "./many.ts";
import {
  createRecord,
  deleteRecord,
  getRecord,
  getRecordByExternalId,
  updateRecord,
  upsertRecord,
} from "./one.ts";
import { query } from "./query.ts";
import { getDeleted, getUpdated } from "./replication.ts";

export { Conditions } from "./conditions.ts";
export { conditionsOf } from "./find.ts";

/** Actions over records of any object, by its name. */
export const anyRecordActions = {
  "list-objects": listObjects,
  "describe-object": describeObject,
  query,
  "find-records": findRecords,
  "get-record": getRecord,
  "get-record-by-external-id": getRecordByExternalId,
  "create-record": createRecord,
  "update-record": updateRecord,
  "upsert-record": upsertRecord,
  "delete-record": deleteRecord,
  "get-records": getRecords,
  "create-records": createRecords,
  "update-records": updateRecords,
  "upsert-records": upsertRecords,
  "delete-records": deleteRecords,
  composite,
  "get-updated": getUpdated,
  "get-deleted": getDeleted,
  "get-limits": getLimits,
};
