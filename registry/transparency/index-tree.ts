import { canonicalJson, sha256Hex } from "@plugboard/plugin-sdk/trust";

/**
 * Plugins are spread over so many shards by the digest of their id. A proof is the plugin's shard and one digest per
 * level above it: 10 plugins and 10 digests with 10,000 listings, 100 plugins with 100,000.
 */
const shardCount = 1024;

/** How many digests a proof has above its shard. */
export const treeDepth = Math.log2(shardCount);

/** Digests of the records of the plugins of one shard, by the digest of the plugin id: a proof names no neighbours. */
export type Shard = { [plugin: string]: string };

/**
 * How a plugin is named in its shard.
 *
 * @param salt of a private plugin: whoever does not have it cannot tell whether the plugin whose name they guess is there
 */
export function leafName(plugin: string, salt?: string): string {
  return sha256Hex(salt === undefined ? plugin : `private:${salt}:${plugin}`);
}

export function shardOf(leaf: string): number {
  return Number.parseInt(leaf.slice(0, 8), 16) % shardCount;
}

/** Leaves and inner nodes are hashed apart (RFC 6962), so that none passes for the other. */
export function shardHash(shard: Shard): string {
  return sha256Hex(`shard:${canonicalJson(shard)}`);
}

function nodeHash(left: string, right: string): string {
  return sha256Hex(`node:${left}:${right}`);
}

const emptyShardHash = shardHash({});

/** @param shards digests of the shards that are not empty, by number */
export function treeRoot(shards: ReadonlyMap<number, string>): string {
  let level = leavesOf(shards);
  while (level.length > 1) level = levelAbove(level);
  return level[0] ?? emptyShardHash;
}

/** All digests of a tree but its root, the shards first: what many proofs of one moment have in common. */
export function treeLevels(shards: ReadonlyMap<number, string>): string[][] {
  const levels: string[][] = [];
  for (let level = leavesOf(shards); level.length > 1; level = levelAbove(level)) levels.push(level);
  return levels;
}

/** The digests beside the way from a shard to the root, lowest first. */
export function treePath(levels: string[][], shard: number): string[] {
  return levels.map((level, height) => level[(shard >> height) ^ 1] ?? emptyShardHash);
}

/** What the root is, if this shard stands at this number and these digests beside its way. */
export function rootFromPath(hash: string, shard: number, path: string[]): string {
  let at = shard;
  let found = hash;
  for (const beside of path) {
    found = at & 1 ? nodeHash(beside, found) : nodeHash(found, beside);
    at >>= 1;
  }
  return found;
}

function leavesOf(shards: ReadonlyMap<number, string>): string[] {
  return Array.from({ length: shardCount }, (_, shard) => shards.get(shard) ?? emptyShardHash);
}

function levelAbove(level: string[]): string[] {
  return Array.from({ length: level.length / 2 }, (_, at) =>
    nodeHash(level[2 * at] ?? "", level[2 * at + 1] ?? ""),
  );
}
