/**
 * A host, as a process of its own: opens the embedded database of a data directory, says so, writes
 * rows if told to, saying each one that was committed, and closes when its input ends.
 *
 * node host.fixture.ts <data directory> [--write]
 */
import { migrate, openDatabase } from "@plugboard/service-kit/database";
import { createLogger } from "@plugboard/service-kit/observe";

const [dataDir = "", mode] = process.argv.slice(2);

function say(message: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const logger = createLogger({ name: "host", level: "warn", destination: process.stderr });
const database = await openDatabase({ dataDir, logger }).catch((error: Error) => {
  say({ failed: error.message });
  process.exit(1);
});
await migrate(database, {
  schema: "public",
  migrations: [{ id: "0001-written", sql: "create table written (id bigint primary key)" }],
});
say({ ready: database.url, uid: process.getuid?.() });

let stopped = false;
process.stdin.once("end", () => {
  stopped = true;
});
process.stdin.resume();

if (mode === "--write") await write();
else await new Promise((resolve) => process.stdin.once("end", resolve));
await database.close();
say({ closed: true });

async function write(): Promise<void> {
  const { rows } = await database.pool.query<{ last: number | null }>("select max(id) as last from written");
  let id = rows[0]?.last ?? 0;
  while (!stopped) {
    id += 1;
    await database.pool.query("insert into written values ($1)", [id]);
    say({ acknowledged: id });
  }
}
