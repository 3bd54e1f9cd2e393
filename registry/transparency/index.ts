export { TransparencyError, type TransparencyErrorCode } from "./errors.ts";
export { verifyIndexProof } from "./index-proof.ts";
export { leafName, type Shard, shardHash, shardOf, treeLevels, treePath, treeRoot } from "./index-tree.ts";
export {
  entryHash,
  followLog,
  type LogEntry,
  type LogEntryType,
  type LogPlace,
  logEntryTypes,
  logStart,
} from "./log-chain.ts";
export { Block, Deprecation, IndexProof, PluginRecord, Revocations, withheldName } from "./plugin-record.ts";
export { changeRevocations, RevocationChange } from "./revocation-changes.ts";
