import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Running, startProgram } from "../../scripts/processes.ts";
import { type Database, openDatabase } from "../../service-kit/database/index.ts";
import { createLogger } from "../../service-kit/observe/index.ts";

/** A registry in a process of its own, as `npm run registry` runs it, and its database besides, to be filled. */
export interface RunningBenchRegistry {
  address: string;
  pid: number;
  hostToken: string;
  database: Database;
  /** Stops the process and starts it anew over the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startBenchRegistry(): Promise<RunningBenchRegistry> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "plugboard-bench-registry-"));
  const start = () =>
    startProgram({
      program: "registry/start.js",
      env: { PORT: "0", PLUGBOARD_DATA_DIR: dataDir, LOG_LEVEL: "error", DATABASE_URL: "" },
      ready: /ready at (\S+)/,
    });
  // Both hold the one embedded server: it stops with the last of them.
  let program: Running = await start();
  const logger = createLogger({ name: "bench", level: "error" });
  const database = await openDatabase({ dataDir, logger });
  const registry: RunningBenchRegistry = {
    address: program.ready,
    pid: program.pid,
    hostToken: (await readFile(path.join(dataDir, "registry-token"), "utf8")).trim(),
    database,
    async restart() {
      await program.stop();
      program = await start();
      registry.address = program.ready;
      registry.pid = program.pid;
    },
    async stop() {
      await program.stop();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return registry;
}
