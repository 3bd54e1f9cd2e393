import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import type { Worker } from "node:worker_threads";
import pg from "pg";

/** The forms in which a vendor, or a thief, would write it. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    encodeURIComponent(secret),
    [...secret].reverse().join(""),
  ];
}

/** The threads that were started since then, and run. */
export function watchThreads(t: Pick<TestContext, "after">): Set<Worker> {
  const threads = new Set<Worker>();
  const watch = (thread: Worker) => {
    threads.add(thread);
    thread.once("exit", () => threads.delete(thread));
  };
  process.on("worker", watch);
  t.after(() => void process.off("worker", watch));
  return threads;
}

/** A thread is not to be ended while its heap is written down, which takes long: Node does not survive that. Nor are its calls. */
export const leftAlone = {
  blockMs: 600_000,
  cpuMs: 3_600_000,
  cpuMsPerMinute: 600_000,
  tenantCpuMsPerMinute: 600_000,
  idleMs: 86_400_000,
  deadlineMs: 3_600_000,
  fetchMs: 600_000,
  heapBytes: 4 * 1024 ** 3,
  externalBytes: 4 * 1024 ** 3,
};

/** All strings that the threads hold, whole: by itself V8 writes down no more than the first kilobyte of each. */
export async function heapsOf(threads: Set<Worker>): Promise<string> {
  setFlagsFromString("--heap-snapshot-string-limit=1000000000");
  let texts = "";
  for (const thread of threads) texts += await text(await thread.getHeapSnapshot());
  return texts;
}

/** Every row of every table, as text; bytes in hex and as they are. */
export async function dumpOf(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<Record<string, unknown>>(`select * from ${name}`);
      for (const value of rows.flatMap((row) => Object.values(row))) {
        texts.push(
          Buffer.isBuffer(value)
            ? `${value.toString("hex")} ${value.toString("latin1")}`
            : (JSON.stringify(value) ?? ""),
        );
      }
    }
    return texts.join("\n");
  } finally {
    await client.end();
  }
}

export async function readFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  return texts.join("\n");
}
