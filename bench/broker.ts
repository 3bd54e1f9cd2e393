import { Agent as HttpAgent } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { NetworkPermission, RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { createLogger, createMetrics } from "@plugboard/service-kit/observe";
import got from "got";
import { Agent, request } from "undici";
import { createEgressBroker, type EgressConnection } from "../core/kernel/capabilities/index.ts";
import { startProgram } from "../scripts/processes.ts";
import { benchBrokerSteps } from "./broker-steps.ts";
import type { Row } from "./row.ts";
import { benchVendorDown } from "./vendor-down.ts";

const rounds = 3;
const inSequence = 300;
const inFlight = 64;
const atATime = 1_500;
const connections = 1_000;

const logger = createLogger({ name: "bench", level: "silent" });
const network: NetworkPermission[] = [{ hosts: ["api.bench.test"], methods: ["GET"], reason: "bench" }];
const key = "key-of-the-bench-0123456789abcdef";

/** Limits that never hold anything up, so that what is measured is the looking. */
const wide: RequestsDeclaration = {
  limits: [
    { type: "sliding-window", requests: 10_000_000, seconds: 1 },
    { type: "token-bucket", capacity: 1e9, refillPerSecond: 1e9 },
    { type: "fixed-window", requests: 10_000_000, seconds: 1, per: "plugin" },
  ],
};
const cache: RequestsDeclaration = { cache: [{ paths: ["/kept"] }] };

const brokered = "a brokered GET, its credential added and looked for in the answer";

type Send = () => Promise<unknown>;

/** A GET that goes through the broker, beside got and undici alone, to one small server in another process. */
export async function benchBroker(): Promise<Row[]> {
  const vendor = await startProgram({ program: "bench/bare-vendor.ts", env: {}, ready: /(http:\/\/\S+)/ });
  const [, http1, http2] = /with (\d+) and (\d+)/.exec(vendor.output()) ?? [];
  const broker = createEgressBroker({
    rewrite: { "api.bench.test": vendor.ready },
    metrics: createMetrics({ runtime: false }),
    limits: {
      maxInFlightPerConnection: 10_000,
      maxInFlightPerPluginTenant: 10_000,
      maxInFlightPerPlugin: 10_000,
    },
  });
  const dispatcher = new Agent({ connections: 128 });
  const signal = new AbortController().signal;

  function through(
    o: { auth?: boolean; requests?: RequestsDeclaration; path?: string; id?: string } = {},
  ): Send {
    const { auth, requests, path = "/", id = "con_1" } = o;
    const connection: EgressConnection = {
      id,
      tenantId: "tnt_1",
      pluginId: "bench/plugin",
      status: "active",
      config: {},
      auth: auth ? { type: "bearer" } : undefined,
      credential: async () => ({ type: "bearer", token: key }),
    };
    const fetch = broker.fetchCapability({ network, requests, connection, log: logger });
    const url = `https://api.bench.test${path}`;
    const payload = { method: "GET", url, headers: [["accept", "application/json"]], body: null };
    return () => fetch(payload, { callId: "call_1", signal });
  }

  const bare = got.extend({ retry: { limit: 0 }, agent: agentsOf() });
  const sends: Record<string, Send> = {
    undici: async () => (await request(vendor.ready, { dispatcher })).body.arrayBuffer(),
    got: () => bare(vendor.ready).buffer(),
    "a brokered GET without a credential": through({ id: "con_0" }),
    [brokered]: through({ auth: true }),
    "the same under three declared limits": through({ auth: true, requests: wide, id: "con_2" }),
    "a kept reply": through({ auth: true, requests: cache, path: "/kept", id: "con_3" }),
  };
  try {
    for (const send of Object.values(sends)) await each(send, 100);
    const mebibytes = await memory(through);
    const sequence: Record<string, number[]> = {};
    const loaded: Record<string, number[]> = {};
    // In turn within each round, so that a busier moment hits them all.
    for (let round = 0; round < rounds; round++) {
      for (const [name, send] of Object.entries(sends)) {
        sequence[name] = [...(sequence[name] ?? []), await each(send, inSequence)];
        loaded[name] = [...(loaded[name] ?? []), await together(send)];
      }
    }
    const micros = (name: string) => median(sequence[name] ?? []);
    const perSecond = (name: string) => median(loaded[name] ?? []);
    const names = Object.keys(sends);
    return [
      ...names.map(
        (name): Row => ({
          what: `${name}, in sequence`,
          value: micros(name),
          unit: "µs",
          ratio: micros(name) / micros("got"),
        }),
      ),
      ...(["got", "undici"] as const).map(
        (bare): Row => ({
          what: `what the broker adds to ${bare}, in sequence`,
          value: micros(brokered) - micros(bare),
          unit: "µs",
          ratio: micros(brokered) / micros(bare),
        }),
      ),
      ...names.map(
        (name): Row => ({
          what: `${name}, ${inFlight} in flight`,
          value: perSecond(name),
          unit: "requests/s",
          ratio: perSecond(name) / perSecond("got"),
        }),
      ),
      {
        what: "memory of 1,000 connections that each sent a request",
        value: mebibytes,
        unit: "MiB",
      },
      ...(await benchBrokerSteps({ clear: vendor.ready, http1: Number(http1), http2: Number(http2) }, wide)),
      ...(await benchVendorDown()),
    ];
  } finally {
    await broker.close();
    await dispatcher.close();
    await vendor.stop();
  }
}

function agentsOf() {
  return { http: new HttpAgent({ keepAlive: true }) };
}

/** Microseconds for one. */
async function each(send: Send, times: number): Promise<number> {
  const startedAt = performance.now();
  for (let i = 0; i < times; i++) await send();
  return ((performance.now() - startedAt) * 1000) / times;
}

/** How many a second, with so many in flight all the time. */
async function together(send: Send): Promise<number> {
  const startedAt = performance.now();
  let left = atATime;
  const worker = async () => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (atATime * 1000) / (performance.now() - startedAt);
}

/** What is left of them in the process, sockets included. */
async function memory(through: (o: { auth: boolean; requests: RequestsDeclaration; id: string }) => Send) {
  collectGarbage();
  const before = process.memoryUsage();
  for (let i = 0; i < connections; i++) await through({ auth: true, requests: wide, id: `many_${i}` })();
  collectGarbage();
  const after = process.memoryUsage();
  return (after.heapUsed + after.external - before.heapUsed - before.external) / 1024 / 1024;
}

/** Node shows it only under a flag, which can be set as late as this. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) collect();
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
