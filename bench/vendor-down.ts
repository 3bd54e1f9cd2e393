import { createLogger, createMetrics } from "@plugboard/service-kit/observe";
import { createEgressBroker } from "../core/kernel/capabilities/index.ts";
import { startProgram } from "../scripts/processes.ts";
import { type OpenLoopResult, openLoop } from "./open-loop.ts";
import type { Row } from "./row.ts";

const connections = 1_000;
const tenants = 100;
/** To each vendor. */
const perSecond = 100;
const secondsEach = 6;
/** Of standing still: in each there are some ten requests only that meet the backlog. */
const rounds = 3;
const sampleMs = 200;

const logger = createLogger({ name: "bench", level: "silent" });
const key = "key-of-the-bench-0123456789abcdef";
const vendors = ["up", "still"] as const;

/**
 * A thousand connections of a hundred tenants, half of them to each of two vendors. One vendor's process stands still for
 * a while, with its sockets open: how do requests to the other fare, how many wait, and is any of them lost? The vendors
 * are processes of their own; the load comes from the process that is measured, which costs it little.
 */
export async function benchVendorDown(): Promise<Row[]> {
  const [up, still] = await Promise.all(
    vendors.map(() => startProgram({ program: "bench/bare-vendor.ts", env: {}, ready: /(http:\/\/\S+)/ })),
  );
  if (!up || !still) throw new Error("no vendors");
  const metrics = createMetrics({ runtime: false });
  const broker = createEgressBroker({
    rewrite: { "up.bench.test": up.ready, "still.bench.test": still.ready },
    metrics,
  });
  const signal = new AbortController().signal;

  function to(vendor: (typeof vendors)[number]): (index: number) => Promise<void> {
    const url = `https://${vendor}.bench.test/`;
    const fetches = Array.from({ length: connections / vendors.length }, (_, i) =>
      broker.fetchCapability({
        network: [{ hosts: [`${vendor}.bench.test`], methods: ["GET"], reason: "bench" }],
        log: logger,
        connection: {
          id: `${vendor}_${i}`,
          tenantId: `tnt_${i % tenants}`,
          pluginId: `bench/${vendor}`,
          status: "active",
          config: {},
          auth: { type: "bearer" },
          credential: async () => ({ type: "bearer", token: key }),
        },
      }),
    );
    return async (index) => {
      const reply = await fetches[index % fetches.length]?.(
        { method: "GET", url, headers: [], body: null },
        { callId: "call_1", signal },
      );
      if ((reply as { status?: number } | undefined)?.status !== 200) throw new Error("another answer");
    };
  }

  const sends = { up: to("up"), still: to("still") };
  let mostWaiting = 0;
  const sampling = setInterval(async () => {
    const waiting = Number(/^plugboard_egress_queued (\d+)$/m.exec(await metrics.text())?.[1]);
    mostWaiting = Math.max(mostWaiting, waiting);
  }, sampleMs);
  const load = (vendor: keyof typeof sends) =>
    openLoop({ perSecond, seconds: secondsEach, send: sends[vendor] });
  try {
    await Promise.all([load("up"), load("still")]);
    const [before] = await Promise.all([load("up"), load("still")]);
    const during: OpenLoopResult[] = [];
    const catchingUp: OpenLoopResult[] = [];
    const fromStill: OpenLoopResult[] = [];
    for (let round = 0; round < rounds; round++) {
      process.kill(still.pid, "SIGSTOP");
      const waiting = load("still");
      during.push(await load("up"));
      process.kill(still.pid, "SIGCONT");
      const both = await Promise.all([load("up"), waiting]);
      catchingUp.push(both[0]);
      fromStill.push(both[1]);
    }
    const [after] = await Promise.all([load("up"), load("still")]);
    const row = (when: string, { p50Ms, p99Ms }: OpenLoopResult): Row[] => [
      {
        what: `requests to the other vendor ${when}: p50`,
        value: p50Ms,
        unit: "ms",
        ratio: p50Ms / before.p50Ms,
      },
      {
        what: `requests to the other vendor ${when}: p99`,
        value: p99Ms,
        unit: "ms",
        ratio: p99Ms / before.p99Ms,
        ...(when !== "before" && { goal: "≤ 2 ×" }),
      },
    ];
    return [
      ...row("before", before),
      ...row(`while one of two stands still for ${secondsEach} s`, median(during)),
      ...row("while it answers what has waited", median(catchingUp)),
      ...row("after that", after),
      { what: "most requests that waited for their turn", value: mostWaiting, unit: "requests" },
      {
        what: `requests to the one that stood still that were lost, of ${sum(fromStill, "sent")}`,
        value: sum(fromStill, "failed"),
        unit: "requests",
        goal: "0",
      },
      {
        what: "requests to the other that were lost",
        value: sum([before, ...during, ...catchingUp, after], "failed"),
        unit: "requests",
        goal: "0",
      },
    ];
  } finally {
    clearInterval(sampling);
    process.kill(still.pid, "SIGCONT");
    await broker.close();
    await Promise.all([up.stop(), still.stop()]);
  }
}

/** The round in the middle, by what was slowest. */
function median(results: readonly OpenLoopResult[]): OpenLoopResult {
  const [middle] = results.toSorted((a, b) => a.p99Ms - b.p99Ms).slice(Math.floor(results.length / 2));
  if (!middle) throw new Error("no rounds");
  return middle;
}

function sum(results: readonly OpenLoopResult[], of: "sent" | "failed"): number {
  return results.reduce((total, result) => total + result[of], 0);
}
