import { Kysely, PostgresDialect } from "kysely";
import type pg from "pg";
import type { Logger } from "../observe/index.ts";
import { openEmbedded } from "./embedded/index.ts";
import { checkExternal } from "./external.ts";
import { createPool, endPool } from "./pool.ts";

export interface DatabaseOptions {
  /** A PostgreSQL server (15 or newer) to use. Unset or empty: an embedded one in `dataDir`. */
  databaseUrl?: string | undefined;
  /** The embedded server lives in `<dataDir>/postgres`. */
  dataDir: string;
  logger: Logger;
  /** At most this many connections. Default 10. */
  maxConnections?: number;
  /** What a statement may take, waiting for locks included, and how long a transaction may do nothing. Default 30 s. */
  statementTimeoutMs?: number;
  /** What an operator sees in pg_stat_activity. Default `plugboard`. */
  applicationName?: string;
}

export interface Database {
  /** With the password: keep it out of logs. */
  url: string;
  embedded: boolean;
  pool: pg.Pool;
  /** A query builder for the tables of `T`, in `schema` if one is named. 64-bit integers come as numbers. */
  kysely<T>(schema?: string): Kysely<T>;
  /** Ends the connections. Of an embedded server, the last host to close stops it. */
  close(): Promise<void>;
}

/**
 * Opens the database: the configured one, or the embedded PostgreSQL of the data directory, which is
 * created, recovered, started or joined as need be.
 *
 * @throws DatabaseError with one line that says what is wrong and what to do.
 */
export async function openDatabase(o: DatabaseOptions): Promise<Database> {
  const external = o.databaseUrl?.trim();
  if (external) await checkExternal(external);
  const embedded = external ? undefined : await openEmbedded(o);
  const url = embedded?.url ?? external ?? "";
  const pool = createPool({
    url,
    logger: o.logger,
    applicationName: o.applicationName ?? "plugboard",
    ...(o.maxConnections !== undefined && { max: o.maxConnections }),
    ...(o.statementTimeoutMs !== undefined && { statementTimeoutMs: o.statementTimeoutMs }),
  });
  return databaseOver(pool, { url, embedded: embedded !== undefined, leave: embedded?.close });
}

/** A Database over a pool that is already there. */
export function databaseOver(
  pool: pg.Pool,
  o: { url: string; embedded: boolean; leave: (() => Promise<void>) | undefined },
): Database {
  const builder = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  let closing: Promise<void> | undefined;
  return {
    url: o.url,
    embedded: o.embedded,
    pool,
    kysely<T>(schema?: string) {
      const typed = builder as Kysely<T>;
      return schema ? typed.withSchema(schema) : typed;
    },
    close() {
      closing ??= endPool(pool).then(() => o.leave?.());
      return closing;
    },
  };
}
