import {
  canonicalJson,
  type SigningKeyPair,
  sha256Hex,
  signStatement,
  statementTypes,
} from "@plugboard/plugin-sdk/trust";
import type { IndexProof } from "@plugboard/registry/client";
import { leafName, shardHash, shardOf, treeLevels, treePath, treeRoot } from "../../transparency/index.ts";

/** The proof of a registry that has this one record, signed with its key. */
export async function proveAlone(
  record: { plugin: string; salt?: string } & Record<string, unknown>,
  key: SigningKeyPair,
  checkpoint: Record<string, unknown> = {},
): Promise<IndexProof> {
  const text = canonicalJson(record);
  const leaf = leafName(record.plugin, record.salt);
  const shard = { [leaf]: sha256Hex(text) };
  const number = shardOf(leaf);
  const shards = new Map([[number, shardHash(shard)]]);
  const payload = {
    seq: 1,
    logHead: "0".repeat(64),
    indexHash: treeRoot(shards),
    revocationsHash: "0".repeat(64),
    rootVersion: 1,
    issuedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    ...checkpoint,
  };
  return {
    record: text,
    ...(record.salt !== undefined && { salt: record.salt }),
    shard,
    path: treePath(treeLevels(shards), number),
    checkpoint: await signStatement(statementTypes.checkpoint, payload, key),
  };
}
