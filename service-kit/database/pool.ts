import pg from "pg";
import type { Logger } from "../observe/index.ts";

const connectTimeoutMs = 15_000;
const idleInTransactionTimeoutMs = 60_000;
const endTimeoutMs = 5_000;
const int8 = pg.types.builtins.INT8;

/** A connection pool whose 64-bit integers are numbers, and whose broken idle connections are logged, not thrown. */
export function createPool(o: {
  url: string;
  max: number;
  logger: Logger;
  applicationName: string;
}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: o.url,
    max: o.max,
    application_name: o.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    keepAlive: true,
    types: { getTypeParser },
  });
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
