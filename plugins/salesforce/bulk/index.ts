import {
  abortBulkJob,
  closeBulkJob,
  createBulkJob,
  deleteBulkJob,
  getBulkJob,
  startBulkWrite,
  uploadBulkData,
} from "./ingest.ts";
import { readBulkResult } from "./ingest-result.ts";
import { abortBulkQuery, deleteBulkQuery, getBulkQuery, readBulkQuery, startBulkQuery } from "./query.ts";

export const bulkActions = {
  "start-bulk-write": startBulkWrite,
  "create-bulk-job": createBulkJob,
  "upload-bulk-data": uploadBulkData,
  "close-bulk-job": closeBulkJob,
  "get-bulk-job": getBulkJob,
  "abort-bulk-job": abortBulkJob,
  "delete-bulk-job": deleteBulkJob,
  "read-bulk-result": readBulkResult,
  "start-bulk-query": startBulkQuery,
  "get-bulk-query": getBulkQuery,
  "read-bulk-query": readBulkQuery,
  "abort-bulk-query": abortBulkQuery,
  "delete-bulk-query": deleteBulkQuery,
};
