import type pg from "pg";
import type { Logger } from "../../observe/index.ts";
import { codeOf } from "../errors.ts";
import { clusterPaths, databaseName } from "./cluster-dir.ts";
import { prepareDataDir } from "./data-dir.ts";
import { keepJoined } from "./keep-joined.ts";
import { announcePresence } from "./presence.ts";
import { joinServer } from "./server.ts";

export interface EmbeddedOptions {
  dataDir: string;
  logger: Logger;
  /** Whether using the server alone keeps this process running. Default true. */
  keepsProcessAlive?: boolean;
}

export interface EmbeddedDatabase {
  /** Of the database `plugboard`, as a role that may do everything. */
  url: string;
  /** Leaves the server; the last host to leave stops it. */
  close(): Promise<void>;
}

/** Joins the server of a data directory and its database, and stays joined if the server is killed. */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const o = { keepsProcessAlive: true, ...options };
  const paths = clusterPaths(o.dataDir);
  await prepareDataDir(paths.dataDir);
  const presence = await announcePresence(paths);
  let close = async () => presence.leave();
  try {
    const server = await joinServer(o);
    const keeper = keepJoined(server, o);
    close = () => keeper.leave().finally(presence.leave);
    await createDatabase(server.lease.client);
    return { url: server.url.replace(/\/postgres$/, `/${databaseName}`), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query("select from pg_database where datname = $1", [databaseName]);
  if (rowCount !== 0) return;
  try {
    await client.query(`create database ${databaseName}`);
  } catch (error) {
    // 42P04, 23505: another host has created it in the meantime.
    if (!["42P04", "23505"].includes(codeOf(error) ?? "")) throw error;
  }
}
