export { indexHash, proveRecord, updateRecord, updateRecordsOf } from "./plugin-index.ts";
