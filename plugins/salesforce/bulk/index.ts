import {
  abortBulkJob,
  closeBulkJob,
  createBulkJob,
  deleteBulkJob,
  getBulkJob,
  startBulkWrite,
  uploadBulkData,
} from "./ingest.ts";
import { exportBulkResult, readBulkResult } from "./ingest-result.ts";
import {
  abortBulkQuery,
  deleteBulkQuery,
  exportBulkQuery,
  getBulkQuery,
  readBulkQuery,
  startBulkQuery,
} from "./query.ts";

export const bulkActions = {
  "start-bulk-write": startBulkWrite,
  "create-bulk-job": createBulkJob,
  "upload-bulk-data": uploadBulkData,
  "close-bulk-job": closeBulkJob,
  "get-bulk-job": getBulkJob,
  "abort-bulk-job": abortBulkJob,
  "delete-bulk-job": deleteBulkJob,
  "read-bulk-result": readBulkResult,
  "export-bulk-result": exportBulkResult,
  "start-bulk-query": startBulkQuery,
  "get-bulk-query": getBulkQuery,
  "read-bulk-query": readBulkQuery,
  "export-bulk-query": exportBulkQuery,
  "abort-bulk-query": abortBulkQuery,
  "delete-bulk-query": deleteBulkQuery,
};
