import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Isolation, openSandbox } from "@plugboard/sandbox";
import { Tinypool } from "tinypool";
import type { Row } from "./row.ts";

const rounds = 42;
const warmUpRounds = 7;
const callsPerBlock = 250;
const wakeUpCalls = 50;
const tenants = 100;

const plugin = `module.exports.default = { actions: { echo: { async run({ input }) { return input; } } } };`;
const small = { id: "cus_1", email: "ada@example.test" };
const large = {
  rows: Array.from({ length: 200 }, (_, index) => ({ id: `row_${index}`, name: "Ada Lovelace", at: index })),
};

interface Contender {
  what: string;
  call(index: number, input: unknown): Promise<unknown>;
  close(): Promise<unknown>;
}

/**
 * What each wall adds to a call, one after the other: permission flags, frozen intrinsics, a compartment, one for each
 * tenant, then the whole sandbox (everything copied as text, checked, measured and limited), then a process around it.
 */
export async function benchWalls(): Promise<Row[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "plugboard-bench-"));
  const contenders = [
    await worker(folder, "bare tinypool", "export default ({ input }) => input;", []),
    await worker(folder, "… under --permission", "export default ({ input }) => input;", permission),
    await worker(folder, "… with the intrinsics frozen (SES lockdown)", frozenWorker, permission),
    await worker(folder, "… in a compartment", compartmentWorker, permission),
    sandbox("the whole sandbox in a thread, one tenant", "thread", 1),
    sandbox(`the whole sandbox in a thread, ${tenants} tenants in turn`, "thread", tenants),
    sandbox("the whole sandbox in a process, one tenant", "process", 1),
  ];
  try {
    const rows = await compare(contenders, "small input", small);
    return [...rows, ...(await compare(contenders, `input of ${JSON.stringify(large).length} bytes`, large))];
  } finally {
    await Promise.all(contenders.map((one) => one.close()));
    await rm(folder, { recursive: true });
  }
}

const permission = ["--permission", "--allow-fs-read=*", "--no-warnings"];

const ses = pathToFileURL(path.resolve(import.meta.dirname, "../node_modules/ses/index.js")).href;
const frozenWorker = `import ${JSON.stringify(ses)}; lockdown(); export default ({ input }) => input;`;
const compartmentWorker = `import ${JSON.stringify(ses)}; lockdown();
  const module = { exports: {} };
  new Compartment({ __options__: true, globals: { module } }).evaluate(${JSON.stringify(plugin)});
  export default ({ input }) => module.exports.default.actions.echo.run({ input });`;

async function worker(folder: string, what: string, text: string, execArgv: string[]): Promise<Contender> {
  const filename = path.join(folder, `${what.replace(/\W+/g, "-")}.mjs`);
  await writeFile(filename, text);
  const pool = new Tinypool({
    runtime: "worker_threads",
    filename,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: Number.MAX_SAFE_INTEGER,
    env: {},
    execArgv,
  });
  return { what, call: (_index, input) => pool.run({ input }), close: () => pool.destroy() };
}

function sandbox(what: string, isolation: Isolation, tenantCount: number): Contender {
  const opened = openSandbox(
    { id: "acme/echo", version: "1.0.0", code: plugin, binary: false },
    { isolation },
  );
  return {
    what,
    call: (index, input) =>
      opened.call({
        tenantId: `tnt_${index % tenantCount}`,
        target: { kind: "action", name: "echo" },
        input: input as typeof small,
        capabilities: {},
      }),
    close: () => opened.close(),
  };
}

/**
 * They take turns in short blocks, each round in another order, so that a busy moment of the machine hits all of them;
 * the first calls of a block wake a thread that slept, and do not count.
 */
async function compare(contenders: Contender[], about: string, input: unknown): Promise<Row[]> {
  const seen = contenders.map((contender) => ({ contender, times: [] as number[] }));
  for (let round = 0; round < rounds; round += 1)
    for (const { contender, times } of [
      ...seen.slice(round % seen.length),
      ...seen.slice(0, round % seen.length),
    ]) {
      const block = await timesOfCalls(contender, input);
      if (round >= warmUpRounds) times.push(...block.slice(wakeUpCalls));
    }
  const bare = median(seen[0]?.times ?? []);
  return seen.map(({ contender, times }) => ({
    what: `${contender.what}, ${about}: p50 in sequence`,
    value: median(times),
    unit: "µs",
    ratio: median(times) / bare,
  }));
}

async function timesOfCalls({ call }: Contender, input: unknown): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < callsPerBlock; index += 1) {
    const from = performance.now();
    await call(index, input);
    times.push((performance.now() - from) * 1000);
  }
  return times;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
