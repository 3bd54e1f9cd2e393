import { createHash } from "node:crypto";
import pg from "pg";
import type { Logger } from "../observe/index.ts";
import { codeOf } from "./errors.ts";
import { preparedMark } from "./prepared.ts";

const connectTimeoutMs = 15_000;
const endTimeoutMs = 5_000;
const int8 = pg.types.builtins.INT8;

/** The server ends a statement that is over its time, and says so. If it does not in so many times the time, it is gone. */
const silentAfter = 1.2;

const defaultMaxConnections = 10;
const defaultStatementTimeoutMs = 30_000;

/**
 * A connection pool whose 64-bit integers are numbers, and whose broken idle connections are logged, not thrown. A
 * statement, waiting for locks included, and a transaction that does nothing may take `statementTimeoutMs`.
 */
export function createPool(o: {
  url: string;
  logger: Logger;
  applicationName: string;
  max?: number;
  statementTimeoutMs?: number;
}): pg.Pool {
  const { statementTimeoutMs = defaultStatementTimeoutMs } = o;
  const pool = new pg.Pool({
    connectionString: o.url,
    max: o.max ?? defaultMaxConnections,
    application_name: o.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    query_timeout: Math.ceil(statementTimeoutMs * silentAfter),
    Client: AnsweringClient,
    keepAlive: true,
    types: { getTypeParser },
  });
  // The pool listens to its idle clients alone. One that is lost in the middle of a transaction tells whoever asks it next.
  pool.on("connect", (client) => client.on("error", () => {}));
  pool.on("error", (error) => o.logger.warn({ err: error }, "a database connection was lost"));
  return pool;
}

/** Ends a pool once what is checked out was given back; a connection that nobody gives back is not waited for. */
export async function endPool(pool: pg.Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, endTimeoutMs);
  });
  await Promise.race([pool.end(), timeout]);
  clearTimeout(timer);
}

/**
 * Leaves when its server has not answered in time. pg rejects the query then, but keeps the connection: whoever got it
 * next from the pool would wait behind a query that may never end. So it does when a statement that it has prepared is
 * none any more, since a migration changed what it gives.
 */
class AnsweringClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = (...args: unknown[]) => {
      const answer = query(...withName(args));
      if (answer instanceof Promise)
        answer.catch((error) => {
          if (isSilence(error) || codeOf(error) === planChanged) this.end().catch(() => {});
        });
      return answer as never;
    };
  }
}

/** `feature_not_supported`: what PostgreSQL says of a prepared statement whose columns are others by now. */
const planChanged = "0A000";

/** A name has the server keep a statement for as long as the connection lasts. */
function withName(args: unknown[]): unknown[] {
  const [text, values, ...more] = args;
  if (typeof text !== "string" || !text.startsWith(preparedMark)) return args;
  return [{ name: nameOf(text), text, values }, ...more];
}

/** By their text, of which a program has few. */
const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `plugboard_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
  names.set(text, name);
  return name;
}

/** pg has no code for it. (Given a callback, as by the pool itself, the pool drops the connection.) */
function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message === "Query read timeout";
}

const getTypeParser: typeof pg.types.getTypeParser = (type: number, format?: "text" | "binary") => {
  if (type === int8 && format !== "binary") return parseInt8;
  return pg.types.getTypeParser(type, format as "text");
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`The 64-bit integer ${text} does not fit a JavaScript number.`);
  return value;
}
