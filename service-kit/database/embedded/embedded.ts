import pg from "pg";
import type { Logger } from "../../observe/index.ts";
import { codeOf } from "../errors.ts";
import { databaseName } from "./cluster-dir.ts";
import { keepJoined } from "./keep-joined.ts";
import { type EmbeddedServer, joinServer } from "./server.ts";

export interface EmbeddedDatabase {
  url: string;
  /** Leaves the server; the last host to leave stops it. */
  close(): Promise<void>;
}

/** Joins the server of a data directory and its database `plugboard`, and stays joined if the server is killed. */
export async function openEmbedded(o: { dataDir: string; logger: Logger }): Promise<EmbeddedDatabase> {
  const server = await joinServer({ ...o, keepsProcessAlive: true });
  const url = server.url.replace(/\/postgres$/, `/${databaseName}`);
  const keeper = keepJoined(server, o);
  try {
    await createDatabase(server);
  } catch (error) {
    await keeper.leave();
    throw error;
  }
  return { url, close: () => keeper.leave() };
}

async function createDatabase(server: EmbeddedServer): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  client.on("error", () => {}); // the query that is under way fails with it
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } catch (error) {
    // 42P04, 23505: another host has created it in the meantime.
    if (!["42P04", "23505"].includes(codeOf(error) ?? "")) throw error;
  } finally {
    await client.end();
  }
}
