import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSandbox, type Sandbox } from "@plugboard/sandbox";
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
 * sandbox can win: it keeps tinypool from reading the thread's memory use after every task (see sandbox/thread.ts).
 */
export async function benchSandbox(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "plugboard-bench-"));
  try {
    // First what grows the process: later parts leave it memory to use again.
    const tenants = await manyTenants();
    return [...(await compareCalls(folder)), await coldCall(), ...tenants];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compareCalls(folder: string): Promise<Row[]> {
  const bare = await openBarePool(folder);
  const sandbox = open();
  const echoBare = () => bare.run(input);
  const echoSandboxed = () => echo(sandbox, "tnt_1");
  const p50 = { bare: [] as number[], sandboxed: [] as number[] };
  const rate = { bare: [] as number[], sandboxed: [] as number[] };
  for (const round of [echoBare, echoSandboxed]) await sequentialP50(round);
  for (let round = 0; round < ROUNDS; round += 1) {
    p50.bare.push(await sequentialP50(echoBare));
    p50.sandboxed.push(await sequentialP50(echoSandboxed));
    rate.bare.push(await callsPerSecond(echoBare));
    rate.sandboxed.push(await callsPerSecond(echoSandboxed));
  }
  await Promise.all([bare.destroy(), sandbox.close()]);
  const [bareP50, ownP50, bareRate, ownRate] = [p50.bare, p50.sandboxed, rate.bare, rate.sandboxed].map(
    median,
  ) as [number, number, number, number];
  return [
    { what: "bare tinypool call, p50 in sequence", value: bareP50, unit: "µs" },
    {
      what: "sandboxed call, p50 in sequence",
      value: ownP50,
      unit: "µs",
      ratio: ownP50 / bareP50,
      goal: "≤ 1.5 ×",
    },
    { what: `bare tinypool calls, ${IN_FLIGHT} in flight`, value: bareRate, unit: "calls/s" },
    {
      what: `sandboxed calls, ${IN_FLIGHT} in flight`,
      value: ownRate,
      unit: "calls/s",
      ratio: ownRate / bareRate,
      goal: "≥ 0.7 ×",
    },
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

async function coldCall(): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < COLD; round += 1) {
    const startedAt = performance.now();
    const sandbox = open();
    await echo(sandbox, "tnt_1");
    times.push(performance.now() - startedAt);
    await sandbox.close();
  }
  return { what: "first call of a cold plugin, median", value: median(times), unit: "ms", goal: "≤ 150" };
}

async function manyTenants(): Promise<Row[]> {
  const sandbox = open();
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

const open = (): Sandbox =>
  openSandbox(
    { id: "acme/echo", version: "1.0.0", code, binary: false },
    { limits: { calls: 10_000, callsPerTenant: 10_000 } },
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
