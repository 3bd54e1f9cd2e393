import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createScrubber, injectionFor, toReply } from "@plugboard/plugin-sdk/exchange";
import type { NetworkPermission, RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { createMetrics } from "@plugboard/service-kit/observe";
import { createUnderWay } from "@plugboard/service-kit/under-way";
import { openCall } from "../core/kernel/capabilities/fetch/call.ts";
import { createCircuits } from "../core/kernel/capabilities/fetch/circuits.ts";
import { systemClock as clock } from "../core/kernel/capabilities/fetch/clock.ts";
import { checkGrant } from "../core/kernel/capabilities/fetch/grant.ts";
import { createPacer, createSlices } from "../core/kernel/capabilities/fetch/pacing/index.ts";
import { createPolicies, ratesFor } from "../core/kernel/capabilities/fetch/policy.ts";
import { validateRequest } from "../core/kernel/capabilities/fetch/refusals.ts";
import { createSender } from "../core/kernel/capabilities/fetch/send/index.ts";
import { defaultEgressLimits as limits } from "../core/kernel/capabilities/index.ts";
import type { Row } from "./row.ts";

const authority = new URL("../core/test/capabilities/tls/ca.pem", import.meta.url);
const times = 2_000;
const host = "api.bench.test";
const network: NetworkPermission[] = [
  { hosts: [host], methods: ["GET"], paths: ["/v1/**", "/"], reason: "bench" },
];
const requester = { id: "con_1", tenantId: "tnt_1", pluginId: "bench/plugin" };
const token = "key-of-the-bench-0123456789abcdef";
const body = Buffer.from(JSON.stringify({ id: "cus_1", name: "A customer", email: "a@example.com" }));
const payload = {
  method: "GET",
  url: `https://${host}/`,
  headers: [["accept", "application/json"]],
  body: null,
};

/** What each step of a brokered request costs by itself, the one after the other. */
export async function benchBrokerSteps(
  vendor: { clear: string; http1: number; http2: number },
  declared: RequestsDeclaration,
): Promise<Row[]> {
  const metrics = createMetrics({ runtime: false });
  const pacer = createPacer({ clock, slices: createSlices(), hosts: () => 1, onWait: () => {} });
  const circuits = createCircuits({ clock, metrics });
  const policies = createPolicies(() => undefined);
  const policy = policies.of({ pluginId: requester.pluginId, declared, connection: requester });
  const request = validateRequest(payload, limits);
  const rates = ratesFor(policy, { ...request, declaredHost: host });
  const caller = new AbortController().signal;
  const open = createUnderWay<AbortController>();
  const call = openCall({ clock, timeoutMs: 600_000, caller, open });
  const injection = injectionFor({ type: "bearer" }, { type: "bearer", token });
  const scrubber = createScrubber(injection.secrets);
  const response = {
    status: 200,
    statusText: "OK",
    headers: [["content-type", "application/json"]] as const,
    body,
  };
  const sender = createSender();
  const outgoing = { ...request, route: { standIn: new URL(vendor.clear) } };
  const overTls = (port: number) => ({
    ...request,
    url: new URL(`https://api.vendor.test:${port}/`),
    route: { addresses: ["127.0.0.1"] },
  });
  const options = {
    connectionId: "con_1",
    signal: call.signal,
    maxResponseBytes: limits.maxResponseBytes,
    grow: () => {},
  };
  setDefaultCACertificates([...getCACertificates("default"), readFileSync(authority, "utf8")]);
  const turn = async (ofRates: typeof rates) => {
    const taken = await pacer.enter({ requester, limits, call }, { host, rates: ofRates });
    taken.settle();
    taken.leave();
  };
  const steps: [string, () => unknown][] = [
    ["reading what the plugin asks for", () => validateRequest(payload, limits)],
    ["the grant", () => checkGrant(request, { network, config: {} })],
    [
      "what is declared of requests",
      () => policies.of({ pluginId: requester.pluginId, declared, connection: requester }),
    ],
    ["a deadline", () => openCall({ clock, timeoutMs: 30_000, caller, open }).end()],
    ["a turn, with nothing declared", () => turn([])],
    ["a turn, under three limits", () => turn(rates)],
    [
      "the circuit",
      () => circuits.admit({ connectionId: "con_1", pluginId: "p", host }, policy.circuitBreaker)("ok"),
    ],
    ["adding the credential", () => injectionFor({ type: "bearer" }, { type: "bearer", token })],
    ["getting ready to look for it in the answer", () => createScrubber(injection.secrets)],
    [
      "looking for it in a small answer",
      () => toReply(request, response, new Uint8Array(scrubber.bytes(body)), scrubber),
    ],
    ["sending, and reading the answer", () => sender.send(outgoing, options)],
    ["the same over TLS, with HTTP/1.1", () => sender.send(overTls(vendor.http1), options)],
    ["the same over TLS, with HTTP/2", () => sender.send(overTls(vendor.http2), options)],
  ];
  const rows: Row[] = [];
  for (const [what, step] of steps) {
    await repeat(step, times / 4);
    rows.push({ what: `step: ${what}`, value: await repeat(step, times), unit: "µs" });
  }
  call.end();
  sender.close();
  return rows;
}

/** Microseconds for one. */
async function repeat(step: () => unknown, count: number): Promise<number> {
  const startedAt = performance.now();
  for (let i = 0; i < count; i++) await step();
  return ((performance.now() - startedAt) * 1000) / count;
}
