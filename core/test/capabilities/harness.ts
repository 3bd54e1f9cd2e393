import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { inspect } from "node:util";
import type { NetworkPermission, RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { Capability, Payload } from "@plugboard/sandbox";
import { createMetrics, type Logger, type Metrics } from "@plugboard/service-kit/observe";
import {
  type Clock,
  createEgressBroker,
  type EgressBroker,
  type EgressConnection,
  type EgressLimit,
  type EgressLimits,
  type PluginEgressLimits,
  type RequestRecord,
} from "../../kernel/capabilities/index.ts";

/** Has letters that every encoder writes in its own way. */
export const secret = "pk+51/Hc0ffee&T1m=är?";
/** One that may stand in a header as it is. */
export const key = "k3y+5_live/Hc0ffee&T1m=~";

export const vendorHost = "api.vendor.test";
export const vendorUrl = `https://${vendorHost}`;

export interface Seen {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  body: string;
}

export interface Vendor {
  origin: string;
  port: number;
  /** What has arrived, whole. */
  requests: Seen[];
  sockets: number;
}

/** A real HTTP server in the vendor's place. The handler is called when the request's body has been read. */
export async function startVendor(
  t: TestContext,
  handle: (request: IncomingMessage, response: ServerResponse, seen: Seen) => void = (_, response) =>
    response.end("ok"),
): Promise<Vendor> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = request;
      const seen = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() };
      vendor.requests.push(seen);
      handle(request, response, seen);
    });
  });
  server.on("connection", () => vendor.sockets++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const vendor: Vendor = { origin: `http://127.0.0.1:${port}`, port, requests: [], sockets: 0 };
  return vendor;
}

export interface Reply {
  status: number;
  statusText: string;
  url: string;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
}

export interface Plugin {
  /** The same plugin over another connection; of the same tenant unless said otherwise. */
  over(connection: Partial<EgressConnection>): Pick<Plugin, "fetch">;
  broker: EgressBroker;
  capability: Capability;
  /** As the plugin's `fetch`: GET of the vendor's root unless said otherwise. */
  fetch(request?: unknown, signal?: AbortSignal): Promise<Reply>;
  /** All that was logged, as deep as it goes. */
  logged(): string;
  metrics: Metrics;
  /** What was written down of each request that has ended. */
  records: RequestRecord[];
  readonly credentialsOpened: number;
}

export interface PluginOptions {
  rewrite?: Record<string, string>;
  /** Default: the vendor's host with every method. */
  network?: NetworkPermission[];
  connection?: Partial<EgressConnection>;
  limits?: Partial<EgressLimits>;
  limitsFor?: (pluginId: string) => Partial<PluginEgressLimits>;
  onLimit?: (limit: EgressLimit, pluginId: string) => void;
  /** Default: no name may be asked for. `undefined`: the system's resolver. */
  resolve?: ((hostname: string) => Promise<string[]>) | undefined;
  clock?: Clock;
  random?: () => number;
  /** What the manifest declares of requests. */
  requests?: RequestsDeclaration;
  /** What the operator says over it. */
  requestsFor?: (pluginId: string) => RequestsDeclaration | undefined;
  /** Over how many processes requests go out. */
  hosts?: () => number;
  /** Whether HTTP/2 is offered. */
  http2?: boolean;
}

export const allMethods: NetworkPermission["methods"] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

export function grantOf(...hosts: string[]): NetworkPermission[] {
  return [{ hosts, methods: allMethods, reason: "test" }];
}

/** A plugin with an API key in `x-api-key`, behind a broker of its own. */
export function openPlugin(t: TestContext, options: PluginOptions = {}): Plugin {
  const metrics = createMetrics({ runtime: false });
  const lines: unknown[][] = [];
  const records: RequestRecord[] = [];
  const {
    rewrite = {},
    limits,
    limitsFor,
    onLimit,
    resolve,
    clock,
    random,
    requestsFor,
    hosts,
    http2,
  } = { resolve: refuseToResolve, ...options };
  const broker = createEgressBroker({
    rewrite,
    metrics,
    onRequest: (record) => void records.push(record),
    ...(resolve && { resolve }),
    ...(limits && { limits }),
    ...(limitsFor && { limitsFor }),
    ...(onLimit && { onLimit }),
    ...(clock && { clock }),
    ...(random && { random }),
    ...(requestsFor && { requestsFor }),
    ...(hosts && { hosts }),
    ...(http2 !== undefined && { http2 }),
  });
  t.after(() => broker.close());
  let credentialsOpened = 0;
  const open = (connection: Partial<EgressConnection>) =>
    broker.fetchCapability({
      network: options.network ?? grantOf(vendorHost),
      requests: options.requests,
      log: recordingLog(lines),
      connection: {
        id: "con_1",
        tenantId: "tnt_1",
        pluginId: "acme/vendor",
        status: "active",
        config: {},
        auth: { type: "apiKey", in: "header", name: "X-Api-Key" },
        ...connection,
        async credential(options) {
          credentialsOpened++;
          return (await connection.credential?.(options)) ?? { type: "apiKey", key };
        },
      },
    });
  const capability = open(options.connection ?? {});
  return {
    broker,
    capability,
    metrics,
    records,
    get credentialsOpened() {
      return credentialsOpened;
    },
    logged: () => inspect(lines, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
    fetch: fetchOf(capability),
    over: (connection) => ({ fetch: fetchOf(open({ ...options.connection, ...connection })) }),
  };
}

function fetchOf(capability: Capability): Plugin["fetch"] {
  return async (request = {}, signal = new AbortController().signal) => {
    const payload = { method: "GET", url: `${vendorUrl}/`, headers: [], body: null, ...(request as object) };
    return (await capability(payload as Payload, { callId: "call_1", signal })) as unknown as Reply;
  };
}

/** A plugin whose vendor is the given server. */
export function pluginOf(t: TestContext, vendor: Vendor, options: PluginOptions = {}): Plugin {
  return openPlugin(t, { rewrite: { [vendorHost]: vendor.origin }, ...options });
}

export function textOf(reply: Reply): string {
  return Buffer.from(reply.body).toString();
}

export function headerOf(reply: Reply, name: string): string | undefined {
  return reply.headers.find(([known]) => known === name)?.[1];
}

/** Time that a test turns: pauses between retries pass at once, the deadline when the test says so. */
export function testClock(deadlineMs = 30_000) {
  const deadlines = new Set<() => void>();
  const pauses: number[] = [];
  let now = Date.parse("2026-01-01T00:00:00Z");
  return {
    pauses,
    now: () => now,
    after(ms: number, run: () => void) {
      if (ms >= deadlineMs) {
        deadlines.add(run);
        return () => void deadlines.delete(run);
      }
      pauses.push(ms);
      now += ms;
      run();
      return () => {};
    },
    passDeadline() {
      now += deadlineMs;
      for (const pass of deadlines) pass();
    },
  };
}

async function refuseToResolve(hostname: string): Promise<string[]> {
  throw new Error(`This test resolves no names, and ${hostname} was asked for.`);
}

/** Keeps every argument as it came, so that a secret inside an error object would be found. */
function recordingLog(lines: unknown[][]): Logger {
  const write = (...line: unknown[]) => void lines.push(line);
  return { debug: write, info: write, warn: write, error: write } as unknown as Logger;
}

/** Time that stands still until a test turns it on; what is due by then runs, in its order. */
export function turnedClock() {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms: number, run: () => void) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    turn(ms: number) {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
        if (!next) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
    /** How many timers are set. */
    pending: () => timers.size,
  };
}
