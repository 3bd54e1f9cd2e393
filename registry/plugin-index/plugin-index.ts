import { randomBytes } from "node:crypto";
import { canonicalJson, sha256Hex } from "@plugboard/plugin-sdk/trust";
import type { RegistryDatabase } from "../tables.ts";
import {
  leafName,
  type PluginRecord,
  type Shard,
  shardHash,
  shardOf,
  treeRoot,
} from "../transparency/index.ts";
import * as queries from "./queries.ts";

/**
 * Brings a plugin's record in the index up to date. Called in every transaction that changes what it says, and that
 * therefore holds the log: between two places of the log the index does not change.
 */
export async function updateRecord(transaction: RegistryDatabase, plugin: string): Promise<void> {
  const salt = await saltFor(transaction, plugin);
  const shard = shardOf(leafName(plugin, salt));
  const hash = sha256Hex(canonicalJson(await recordOf(transaction, plugin, salt)));
  await queries.upsertRecord(transaction, { plugin, shard, hash, salt: salt ?? null });
  await queries.upsertShard(transaction, shard, shardHash(await readShard(transaction, shard)));
}

/** The same for all plugins of a publisher, whose delegation changed. */
export async function updateRecordsOf(transaction: RegistryDatabase, publisher: string): Promise<void> {
  for (const plugin of await queries.listPluginsOf(transaction, publisher))
    await updateRecord(transaction, plugin);
}

/** What a checkpoint of this moment names. */
export async function indexHash(db: RegistryDatabase): Promise<string> {
  return treeRoot(await readShards(db));
}

/** A private plugin's is made with its first record and stays: a leaf does not wander. */
async function saltFor(transaction: RegistryDatabase, plugin: string): Promise<string | undefined> {
  const known = await queries.findSalt(transaction, plugin);
  if (known) return known.salt ?? undefined;
  return (await queries.isPrivate(transaction, plugin)) ? randomBytes(32).toString("hex") : undefined;
}

export async function recordOf(
  db: RegistryDatabase,
  plugin: string,
  salt: string | undefined,
): Promise<PluginRecord> {
  const publisher = plugin.slice(0, plugin.indexOf("/"));
  const versions = await queries.listVersions(db, plugin);
  return {
    plugin,
    ...(salt !== undefined && { salt }),
    delegation: sha256Hex(await queries.findDelegation(db, publisher)),
    versions: versions.map(({ version, registry_jws, yanked_at, deprecation, block }) => ({
      version,
      statement: sha256Hex(registry_jws),
      ...(yanked_at && { yanked: true as const }),
      ...(deprecation && { deprecated: deprecation }),
      ...(block && { blocked: block }),
    })),
  };
}

export async function readShard(db: RegistryDatabase, shard: number): Promise<Shard> {
  return Object.fromEntries(
    (await queries.listShard(db, shard)).map(({ plugin, hash, salt }) => [
      leafName(plugin, salt ?? undefined),
      hash,
    ]),
  );
}

export async function readShards(db: RegistryDatabase): Promise<ReadonlyMap<number, string>> {
  return new Map((await queries.listShards(db)).map(({ shard, hash }) => [shard, hash]));
}
