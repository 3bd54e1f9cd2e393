import { canonicalJson } from "@plugboard/plugin-sdk/trust";
import type { RegistryDatabase } from "../tables.ts";
import { type IndexProof, leafName, shardOf, treeLevels, treePath } from "../transparency/index.ts";
import { readShard, readShards, recordOf } from "./plugin-index.ts";
import * as queries from "./queries.ts";

type Proof = Omit<IndexProof, "checkpoint">;

/** So many proofs are kept: plugins that many hosts install in these hours. */
const keptMost = 500;

/**
 * Shows that plugins' records are in the index. While a checkpoint is in force the index stays as it is, so the tree over
 * it is worked out once, and what was proved is proved.
 */
export function createProver() {
  let kept: { checkpoint: string; levels: string[][]; proofs: Map<string, Proof> } | undefined;

  /**
   * @param db a transaction that reads as of one moment
   * @param checkpoint the one in force at that moment
   */
  return async function prove(db: RegistryDatabase, plugin: string, checkpoint: string): Promise<Proof> {
    if (kept?.checkpoint !== checkpoint) {
      kept = { checkpoint, levels: treeLevels(await readShards(db)), proofs: new Map() };
    }
    const { levels, proofs } = kept;
    const known = proofs.get(plugin);
    if (known) return known;
    const salt = (await queries.findSalt(db, plugin))?.salt ?? undefined;
    const shard = shardOf(leafName(plugin, salt));
    const proof: Proof = {
      record: canonicalJson(await recordOf(db, plugin, salt)),
      ...(salt !== undefined && { salt }),
      shard: await readShard(db, shard),
      path: treePath(levels, shard),
    };
    if (proofs.size >= keptMost) proofs.clear();
    proofs.set(plugin, proof);
    return proof;
  };
}
