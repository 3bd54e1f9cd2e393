export { indexHash, updateRecord, updateRecordsOf } from "./plugin-index.ts";
export { createProver } from "./prover.ts";
