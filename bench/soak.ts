import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { callAction } from "./action-call.ts";
import { type BenchHost, startBenchHost } from "./bench-host.ts";
import { hostileActions } from "./hostile-actions.ts";
import { treeMiB } from "./memory.ts";
import { type OpenLoopResult, openLoop } from "./open-loop.ts";
import type { Row } from "./row.ts";

const minutes = Number(process.env.BENCH_SOAK_MINUTES ?? 10);
const perSecond = 100;
const goodPlugins = 4;
const goodTenants = 5;
const quietSeconds = Math.min(60, minutes * 60);
const sampleMs = 5_000;

/**
 * Good and hostile plugins on one host for ten minutes (BENCH_SOAK_MINUTES): are the good tenants' answers all there
 * and all right, how much later are they, and does the memory stay flat? Every attack is a plugin of its own with a
 * tenant of its own, who repeats it as soon as the host has ended it, and none is put away for good.
 *
 * A good call's time is what its caller sees, from when it was due: HTTP, the host, its database and the plugin's process,
 * at the same fixed rate in every phase. The callers, good and bad, are one process beside the host; both, PostgreSQL and
 * all plugins share the machine's cores. How long the host's main thread waited for one tells how much of it is that.
 */
export async function benchSoak(): Promise<Row[]> {
  const settings = path.join(tmpdir(), `plugboard-soak-${process.pid}.json`);
  await writeFile(settings, JSON.stringify({ defaults: { limits: { quarantineCrashes: 1_000 } } }));
  const host = await startBenchHost({ PLUGBOARD_PLUGIN_SETTINGS: settings });
  try {
    const send = await installGood(host);
    const hostile = await installHostile(host);
    await openLoop({ perSecond, seconds: 5, send });
    const during = async (seconds: number): Promise<Phase> => {
      const waited = startWaiting(host.pid);
      const result = await openLoop({ perSecond, seconds, send });
      return { ...result, hostWaited: await waited() };
    };
    const quiet = await during(quietSeconds);

    const attack = startAttacks(hostile);
    const memory = startMemorySamples(host.pid);
    const busy = await during(minutes * 60);
    const samples = await memory.stop();
    const attacks = await attack.stop();
    const after = await during(quietSeconds);
    for (const failure of [...quiet.failures, ...busy.failures, ...after.failures]) console.error(failure);
    return rows({ quiet, busy, after, samples, attacks });
  } finally {
    await host.stop();
    await rm(settings, { force: true });
  }
}

interface Phase extends OpenLoopResult {
  /** Part of the time in which the host's main thread could run and had no core; NaN where that is not told. */
  hostWaited: number;
}

interface Seen {
  quiet: Phase;
  busy: Phase;
  after: Phase;
  samples: number[];
  attacks: Map<string, number>;
}

function rows({ quiet, busy, after, samples, attacks }: Seen): Row[] {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const secondQuarter = mean(samples.slice(quarter, 2 * quarter));
  const lastQuarter = mean(samples.slice(-quarter));
  const during = `${busy.sent} good calls beside ${sum(attacks)} attacks in ${minutes} min`;
  console.log(`attacks ended: ${[...attacks].map(([name, count]) => `${name} ${count}`).join(", ")}`);
  return [
    { what: `good calls at ${perSecond}/s alone: p50`, value: quiet.p50Ms, unit: "ms", ratio: 1 },
    { what: `good calls at ${perSecond}/s alone: p99`, value: quiet.p99Ms, unit: "ms", ratio: 1 },
    { what: `${during}: p50`, value: busy.p50Ms, unit: "ms", ratio: busy.p50Ms / quiet.p50Ms },
    { what: `${during}: p99`, value: busy.p99Ms, unit: "ms", ratio: busy.p99Ms / quiet.p99Ms, goal: "≤ 2 ×" },
    { what: "slowest good call", value: busy.maxMs, unit: "ms" },
    { what: "host's main thread without a core, alone", value: quiet.hostWaited * 100, unit: "%", ratio: 1 },
    {
      what: "the same beside the attacks",
      value: busy.hostWaited * 100,
      unit: "%",
      ratio: busy.hostWaited / quiet.hostWaited,
    },
    {
      what: "good calls lost, refused or answered wrongly",
      value: busy.failed + quiet.failed + after.failed,
      unit: "calls",
      goal: "0",
    },
    {
      what: "good calls after the attacks: p99",
      value: after.p99Ms,
      unit: "ms",
      ratio: after.p99Ms / quiet.p99Ms,
    },
    {
      what: "host with all its plugin processes, second quarter",
      value: secondQuarter,
      unit: "MiB",
      ratio: 1,
    },
    {
      what: "the same, last quarter",
      value: lastQuarter,
      unit: "MiB",
      ratio: lastQuarter / secondQuarter,
      goal: "flat",
    },
  ];
}

async function installGood(host: BenchHost): Promise<(index: number) => Promise<void>> {
  const run = "return { said: input.say, sum: input.numbers.reduce((sum, one) => sum + one, 0) };";
  const urls: { tenant: Awaited<ReturnType<BenchHost["tenant"]>>; url: string }[] = [];
  for (let plugin = 0; plugin < goodPlugins; plugin += 1)
    await host.publish({ id: `bench/good-${plugin}`, actions: { work: { run } } });
  for (let index = 0; index < goodTenants; index += 1) {
    const tenant = await host.tenant(`Good ${index}`);
    for (let plugin = 0; plugin < goodPlugins; plugin += 1)
      urls.push({ tenant, url: `${(await host.connect(tenant, `bench/good-${plugin}`)).actions}/work` });
  }
  return async (index) => {
    const one = urls[index % urls.length];
    if (!one) return;
    const input = { say: `call ${index}`, numbers: Array.from({ length: 100 }, (_, at) => at + index) };
    const { said, sum } = await callAction(one.tenant, one.url, input);
    if (said !== input.say || sum !== 4950 + 100 * index) throw new Error(`wrong answer: ${said}, ${sum}`);
  };
}

async function installHostile(host: BenchHost) {
  return Promise.all(
    Object.entries(hostileActions).map(async ([name, action]) => {
      const id = `bench/hostile-${name}`;
      await host.publish({ id, actions: { attack: action } });
      const tenant = await host.tenant(`Hostile ${name}`);
      return { name, tenant, url: `${(await host.connect(tenant, id)).actions}/attack` };
    }),
  );
}

function startAttacks(hostile: Awaited<ReturnType<typeof installHostile>>) {
  const ended = new Map<string, number>();
  let stopped = false;
  const all = hostile.map(async ({ name, tenant, url }) => {
    while (!stopped) {
      await callAction(tenant, url, {}).catch(() => {});
      ended.set(name, (ended.get(name) ?? 0) + 1);
      // What is refused at once is asked again soon, not at once: the load is to be on the host, not on its door.
      await pause(100);
    }
  });
  return {
    async stop() {
      stopped = true;
      await Promise.all(all);
      return ended;
    },
  };
}

function startWaiting(pid: number): () => Promise<number> {
  // Nanoseconds on a core, and ready for one (Linux).
  const waitedMs = async () => {
    const text = await readFile(`/proc/${pid}/schedstat`, "utf8").catch(() => "");
    return Number(text.split(" ")[1] ?? Number.NaN) / 1e6;
  };
  const startedAt = performance.now();
  const before = waitedMs();
  return async () => ((await waitedMs()) - (await before)) / (performance.now() - startedAt);
}

function startMemorySamples(pid: number) {
  const samples: number[] = [];
  const timer = setInterval(async () => samples.push(await treeMiB(pid)), sampleMs);
  return {
    async stop() {
      clearInterval(timer);
      return samples;
    },
  };
}

const mean = (values: number[]): number => values.reduce((total, one) => total + one, 0) / values.length;
const sum = (counts: Map<string, number>): number =>
  [...counts.values()].reduce((total, one) => total + one, 0);
