import pg from "pg";
import { codeOf, DatabaseError, messageOf } from "./errors.ts";

const oldestVersion = 15;
const connectTimeoutMs = 10_000;

/**
 * Checks that a configured server can be used, so that the start stops here with one clear line and
 * not later with a stack.
 *
 * @throws DatabaseError `database-url-invalid`, `database-unreachable`, `database-refused`, `database-too-old`.
 */
export async function checkExternal(url: string): Promise<void> {
  const place = placeOf(url);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  client.on("error", () => {}); // what is under way fails with it
  try {
    await client.connect();
    const { rows } = await client.query<{ number: string; version: string }>(
      "select current_setting('server_version_num') as number, version() as version",
    );
    const major = Math.floor(Number(rows[0]?.number) / 10_000);
    // CockroachDB says it is an old PostgreSQL, whatever its own version.
    if (major < oldestVersion && !rows[0]?.version.startsWith("CockroachDB")) {
      throw new DatabaseError(
        "database-too-old",
        `The server at ${place} is PostgreSQL ${major}; version ${oldestVersion} or newer is needed.`,
      );
    }
  } catch (error) {
    throw error instanceof DatabaseError ? error : explain(error, place);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Host, port and database, without the password. */
function placeOf(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || !["postgres:", "postgresql:"].includes(parsed.protocol)) {
    throw new DatabaseError(
      "database-url-invalid",
      "DATABASE_URL is not the URL of a PostgreSQL server. Expected postgres://user:password@host:port/database.",
    );
  }
  const host = parsed.hostname || parsed.searchParams.get("host") || "localhost";
  return `${decodeURIComponent(host)}:${parsed.port || 5432}${parsed.pathname}`;
}

function explain(error: unknown, place: string): DatabaseError {
  const code = codeOf(error) ?? "";
  const said = messageOf(error);
  if (/^(28|3D|42501|08004)/.test(code)) {
    return new DatabaseError(
      "database-refused",
      `The database server at ${place} refused the connection: ${said}. Check user, password and database name in DATABASE_URL.`,
      { cause: error },
    );
  }
  if (code === "57P03" || code === "53300") {
    return new DatabaseError(
      "database-unreachable",
      `The database server at ${place} takes no connections now: ${said}.`,
      {
        cause: error,
      },
    );
  }
  return new DatabaseError(
    "database-unreachable",
    `The database server at ${place} cannot be reached: ${said || code}. Check that it runs and that DATABASE_URL is right.`,
    { cause: error },
  );
}
