import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Isolation, openSandbox, type Sandbox } from "@plugboard/sandbox";
import { Tinypool } from "tinypool";
import type { Row } from "./row.ts";

const SEQUENTIAL = 3_000;
const ROUNDS = 6;
const CONCURRENT = 10_000;
const IN_FLIGHT = 256;
const TENANTS = 1_000;
const COLD = 5;

const code = `module.exports.default = { actions: { echo: { async run({ input }) { return input; } } } };`;
const input = {
  id: "cus_1",
  email: "ada@example.test",
  tags: ["a", "b"],
  address: { city: "London", zip: "N1" },
};

/**
 * The sandbox beside the bare building block, in the same run: a tinypool under `--permission` that echoes, with no
 * compartment, no capability and no limit. The two take turns, so that a busy moment of the machine hits both. The
 * sandbox can win: it hands many calls over in one message, and does not read the thread's memory use after each.
 */
export async function benchSandbox(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "plugboard-bench-"));
  try {
    // First what grows the process: later parts leave it memory to use again.
    const tenants = await manyTenants();
    return [...(await compareCalls(folder)), await coldCall("thread"), await coldCall("process"), ...tenants];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compareCalls(folder: string): Promise<Row[]> {
  const bare = await openBarePool(folder);
  const sandboxes = { thread: open("thread"), process: open("process") };
  const contenders = {
    bare: () => bare.run(input),
    thread: () => echo(sandboxes.thread, "tnt_1"),
    process: () => echo(sandboxes.process, "tnt_1"),
  };
  const names = Object.keys(contenders) as (keyof typeof contenders)[];
  const seen = names.map((name) => ({ name, p50: [] as number[], rate: [] as number[] }));
  for (const name of names) await sequentialP50(contenders[name]);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { name, p50, rate } of seen) {
      p50.push(await sequentialP50(contenders[name]));
      rate.push(await callsPerSecond(contenders[name]));
    }
  await Promise.all([bare.destroy(), sandboxes.thread.close(), sandboxes.process.close()]);
  const [bareRow, ...ownRows] = seen.map(({ name, p50, rate }) => ({
    name,
    p50: median(p50),
    rate: median(rate),
  }));
  if (!bareRow) return [];
  return [
    { what: "bare tinypool call, p50 in sequence", value: bareRow.p50, unit: "µs" },
    ...ownRows.map(({ name, p50 }) => ({
      what: `sandboxed call in a ${name}, p50 in sequence`,
      value: p50,
      unit: "µs",
      ratio: p50 / bareRow.p50,
      ...(name === "thread" && { goal: "≤ 1.5 ×" }),
    })),
    { what: `bare tinypool calls, ${IN_FLIGHT} in flight`, value: bareRow.rate, unit: "calls/s" },
    ...ownRows.map(({ name, rate }) => ({
      what: `sandboxed calls in a ${name}, ${IN_FLIGHT} in flight`,
      value: rate,
      unit: "calls/s",
      ratio: rate / bareRow.rate,
      goal: "≥ 0.7 ×",
    })),
  ];
}

async function openBarePool(folder: string): Promise<Tinypool> {
  const filename = join(folder, "echo.mjs");
  await writeFile(filename, "export default (value) => value;");
  return new Tinypool({
    runtime: "worker_threads",
    filename,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: Number.MAX_SAFE_INTEGER,
    env: {},
    execArgv: ["--permission", "--allow-fs-read=*"],
  });
}

async function coldCall(isolation: Isolation): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < COLD; round += 1) {
    const startedAt = performance.now();
    const sandbox = open(isolation);
    await echo(sandbox, "tnt_1");
    times.push(performance.now() - startedAt);
    await sandbox.close();
  }
  return {
    what: `first call of a cold plugin in a ${isolation}`,
    value: median(times),
    unit: "ms",
    goal: "≤ 150",
  };
}

async function manyTenants(): Promise<Row[]> {
  const sandbox = open("thread");
  await echo(sandbox, "tnt_0");
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  for (let tenant = 1; tenant <= TENANTS; tenant += 1) await echo(sandbox, `tnt_${tenant}`);
  const perTenantMs = (performance.now() - startedAt) / TENANTS;
  const addedMiB = (process.memoryUsage.rss() - before) / 2 ** 20;
  await sandbox.close();
  return [
    { what: `${TENANTS} more tenants, first call each`, value: perTenantMs, unit: "ms", goal: "≤ 0.5" },
    { what: `${TENANTS} more tenants, memory added`, value: addedMiB, unit: "MiB", goal: "≤ 50" },
  ];
}

const open = (isolation: Isolation): Sandbox =>
  openSandbox(
    { id: "acme/echo", version: "1.0.0", code, binary: false },
    { isolation, limits: { calls: 10_000, callsPerTenant: 10_000 } },
  );

const echo = (sandbox: Sandbox, tenantId: string) =>
  sandbox.call({ tenantId, target: { kind: "action", name: "echo" }, input, capabilities: {} });

async function sequentialP50(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < SEQUENTIAL; index += 1) {
    const startedAt = performance.now();
    await call();
    times.push((performance.now() - startedAt) * 1000);
  }
  return median(times);
}

async function callsPerSecond(call: () => Promise<unknown>): Promise<number> {
  let left = CONCURRENT;
  const startedAt = performance.now();
  const lane = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return CONCURRENT / ((performance.now() - startedAt) / 1000);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
