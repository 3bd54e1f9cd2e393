import { callAction, inParallel } from "./action-call.ts";
import { type BenchHost, startBenchHost } from "./bench-host.ts";
import { treeMiB } from "./memory.ts";
import { type OpenLoopResult, openLoop } from "./open-loop.ts";
import type { Row } from "./row.ts";

const plugins = 50;
const tenantsPerPlugin = 20;
const perSecond = 200;
const seconds = 15;
const warmUpSeconds = 5;

/** A prime, so that the steps through the callers reach all of them. */
const stride = 7919;

type Caller = (index: number) => Promise<void>;

/** Fifty plugins with twenty tenants each, all of them active, beside one plugin with one tenant on the same host. */
export async function benchFleet(): Promise<Row[]> {
  return [...(await measure("thread")), ...(await measure("process"))];
}

async function measure(isolation: "thread" | "process"): Promise<Row[]> {
  const host = await startBenchHost({ PLUGBOARD_ISOLATION: isolation });
  try {
    const rate = { perSecond, seconds };
    const before = await treeMiB(host.pid);
    const [first] = await installFleet(host, { plugins: 1, tenants: 1, name: "alone" });
    if (!first) throw new Error("nothing was installed");
    await openLoop({ ...rate, seconds: warmUpSeconds, send: first });
    const alone = await openLoop({ ...rate, send: first });
    const withOne = await treeMiB(host.pid);

    const callers = await installFleet(host, { plugins, tenants: tenantsPerPlugin, name: "fleet" });
    // Every plugin starts, and every tenant gets its compartment, before anything is measured.
    await inParallel([...callers.keys()], 4, async (index) => callers[index]?.(index));
    // In an order that is neither plugin by plugin nor tenant by tenant.
    const send: Caller = async (index) => callers[(index * stride) % callers.length]?.(index);
    const fleet = await openLoop({ ...rate, send });
    const withAll = await treeMiB(host.pid);
    refuseFailures(alone, fleet);

    const one = `one plugin, one tenant, in a ${isolation}`;
    const all = `${plugins} plugins × ${tenantsPerPlugin} tenants, each in a ${isolation}`;
    return [
      { what: `${one}: p50 at ${perSecond}/s`, value: alone.p50Ms, unit: "ms", ratio: 1 },
      {
        what: `${all}: p50 at ${perSecond}/s`,
        value: fleet.p50Ms,
        unit: "ms",
        ratio: fleet.p50Ms / alone.p50Ms,
      },
      { what: `${one}: p99 at ${perSecond}/s`, value: alone.p99Ms, unit: "ms", ratio: 1 },
      {
        what: `${all}: p99 at ${perSecond}/s`,
        value: fleet.p99Ms,
        unit: "ms",
        ratio: fleet.p99Ms / alone.p99Ms,
      },
      { what: "host before any plugin ran, memory", value: before, unit: "MiB", ratio: 1 },
      { what: `${one}, memory`, value: withOne, unit: "MiB", ratio: withOne / before },
      { what: `${all}, memory`, value: withAll, unit: "MiB", ratio: withAll / before },
      {
        what: `each plugin in a ${isolation} with its ${tenantsPerPlugin} tenants, memory`,
        value: (withAll - withOne) / plugins,
        unit: "MiB",
      },
    ];
  } finally {
    await host.stop();
  }
}

async function installFleet(
  host: BenchHost,
  fleet: { plugins: number; tenants: number; name: string },
): Promise<Caller[]> {
  const ids = Array.from({ length: fleet.plugins }, (_, index) => `bench/${fleet.name}-${index}`);
  const echo = { run: "return { said: input.say, by: input.by };" };
  await inParallel(ids, 4, (id) => host.publish({ id, actions: { echo } }));
  const callers: Caller[] = [];
  const names = Array.from({ length: fleet.tenants }, (_, index) => `Tenant ${index} of ${fleet.name}`);
  await inParallel(names, 4, async (name) => {
    const tenant = await host.tenant(name);
    for (const id of ids) {
      const { actions } = await host.connect(tenant, id);
      callers.push(async (index) => {
        const input = { say: index, by: `${name}, ${id}` };
        const output = await callAction(tenant, `${actions}/echo`, input);
        if (output.said !== input.say || output.by !== input.by)
          throw new Error(`wrong answer: ${JSON.stringify(output)}`);
      });
    }
  });
  return callers;
}

function refuseFailures(...results: OpenLoopResult[]): void {
  for (const { failed, sent, failures } of results)
    if (failed > 0) throw new Error(`${failed} of ${sent} calls failed:\n${failures.join("\n")}`);
}
