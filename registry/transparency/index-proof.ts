import { type Checkpoint, sha256Hex } from "@plugboard/plugin-sdk/trust";
import { Check } from "typebox/value";
import { TransparencyError } from "./errors.ts";
import { leafName, rootFromPath, shardHash, shardOf, treeDepth } from "./index-tree.ts";
import { IndexProof, PluginRecord } from "./plugin-record.ts";

/**
 * Shows that the record is what the registry says of this plugin under the checkpoint, and reads it.
 *
 * @param checkpoint whose signature was verified
 * @throws TransparencyError `index-proof-invalid`
 */
export function verifyIndexProof(proof: IndexProof, plugin: string, checkpoint: Checkpoint): PluginRecord {
  if (!Check(IndexProof, proof)) throw invalid("it has not the form of one");
  if (proof.path.length !== treeDepth) throw invalid(`it has ${proof.path.length} digests, not ${treeDepth}`);
  const leaf = leafName(plugin, proof.salt);
  if (rootFromPath(shardHash(proof.shard), shardOf(leaf), proof.path) !== checkpoint.indexHash) {
    throw invalid("it does not lead to the index that the checkpoint names");
  }
  if (proof.shard[leaf] !== sha256Hex(proof.record)) {
    throw invalid(`the record is not the one that the index has for ${plugin}`);
  }
  const record: unknown = JSON.parse(proof.record);
  if (!Check(PluginRecord, record) || record.plugin !== plugin || record.salt !== proof.salt)
    throw invalid(`the record is not one of ${plugin}`);
  return record;
}

function invalid(why: string): TransparencyError {
  return new TransparencyError("index-proof-invalid", `The proof from the index does not hold: ${why}.`);
}
