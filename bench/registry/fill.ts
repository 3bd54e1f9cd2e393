import { leafName, shardHash, shardOf } from "../../registry/transparency/index.ts";
import type { Database } from "../../service-kit/database/index.ts";
import { type Bulk, blobSha512, catalogRows, pluginOf, sha256 } from "./catalog-rows.ts";

const listingsAtOnce = 500;

/** What the database fills in by itself where a row does not say it. */
const defaults = new Set(["changed_in"]);

/** Writes listings `from` to `to` straight into the tables of a registry: signed publications would take hours. */
export async function fillCatalog(
  database: Database,
  range: { from: number; to: number; bulk: Bulk },
): Promise<void> {
  const { pool } = database;
  await pool.query(`insert into registry.blobs (sha512, size) values ($1, 24000) on conflict do nothing`, [
    blobSha512,
  ]);
  for (let at = range.from; at < range.to; at += listingsAtOnce) {
    const rows = catalogRows(at, Math.min(at + listingsAtOnce, range.to), range.bulk);
    for (const [table, values] of Object.entries(rows)) await insert(database, table, values);
  }
  await fillIndex(database, range);
  await pool.query("analyze");
}

async function insert({ pool }: Database, table: string, values: object[]): Promise<void> {
  const columns = Object.keys(values[0] ?? {}).filter((column) => !defaults.has(column));
  if (columns.length === 0) return;
  await pool.query(
    `insert into registry.${table} (${columns}) select ${columns}
     from json_populate_recordset(null::registry.${table}, $1) on conflict do nothing`,
    [JSON.stringify(values)],
  );
}

/** The index that checkpoints vouch for, with as many records as there are listings: publishing brings it up to date. */
async function fillIndex(database: Database, { from, to }: { from: number; to: number }): Promise<void> {
  const records = Array.from({ length: to - from }, (_, offset) => {
    const plugin = pluginOf(from + offset);
    return { plugin, shard: shardOf(leafName(plugin)), hash: sha256(plugin) };
  });
  for (let at = 0; at < records.length; at += 5000)
    await insert(database, "index_records", records.slice(at, at + 5000));
  const { rows } = await database.pool.query<(typeof records)[number]>(
    "select plugin, shard, hash from registry.index_records",
  );
  const shards = Map.groupBy(rows, ({ shard }) => shard);
  const hashes = [...shards].map(([shard, members]) => ({
    shard,
    hash: shardHash(Object.fromEntries(members.map(({ plugin, hash }) => [leafName(plugin), hash]))),
  }));
  await database.pool.query(
    `insert into registry.index_shards (shard, hash) select shard, hash
     from json_populate_recordset(null::registry.index_shards, $1)
     on conflict (shard) do update set hash = excluded.hash`,
    [JSON.stringify(hashes)],
  );
}
