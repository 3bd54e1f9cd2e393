import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { startProgram } from "../scripts/processes.ts";
import type { Row } from "./row.ts";

/** From the command to the ready line: on an empty data directory, and on one that has served before. */
export async function benchStart(): Promise<Row[]> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "plugboard-bench-"));
  const env = { PORT: "0", PLUGBOARD_DATA_DIR: dataDir, LOG_LEVEL: "warn" };
  const bare = await timed({ program: "bench/bare-koa.ts", env: {}, ready: /(http:\/\/\S+)/ });
  const host = { program: "core/start.js", env, ready: /ready at (\S+)/ };
  try {
    const first = await timed(host);
    const warm = [await timed(host), await timed(host), await timed(host)].toSorted((a, b) => a.ms - b.ms)[1];
    if (!warm) throw new Error("no warm start was measured");
    return [
      { what: "bare Koa, command to listening", value: bare.ms, unit: "ms", ratio: 1 },
      {
        what: "first start (new PostgreSQL, bundled plugins published)",
        value: first.ms,
        unit: "ms",
        ratio: first.ms / bare.ms,
      },
      {
        what: "warm start, command to ready",
        value: warm.ms,
        unit: "ms",
        ratio: warm.ms / bare.ms,
        goal: "≤ 1,500 ms",
      },
      { what: "bare Koa, resident memory", value: bare.mib, unit: "MiB", ratio: 1 },
      {
        what: "idle host without PostgreSQL, resident memory",
        value: warm.mib,
        unit: "MiB",
        ratio: warm.mib / bare.mib,
        goal: "≤ 200 MiB",
      },
    ];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function timed(program: Parameters<typeof startProgram>[0]): Promise<{ ms: number; mib: number }> {
  const from = performance.now();
  const running = await startProgram(program);
  const ms = performance.now() - from;
  const mib = await residentMiB(running.pid);
  await running.stop();
  return { ms, mib };
}

/** Linux only: what the process itself has resident; PostgreSQL is a process of its own. */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}
