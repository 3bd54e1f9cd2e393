/** How many limits are remembered: whoever makes many makes its own go, and gains nothing by it. */
import assert from "node:assert/strict";
import test from "node:test";
import { createUnderWay } from "@plugboard/service-kit/under-way";
import { openCall } from "../../kernel/capabilities/fetch/call.ts";
import { defaultEgressLimits } from "../../kernel/capabilities/fetch/limits.ts";
import { createConcurrency } from "../../kernel/capabilities/fetch/pacing/concurrency.ts";
import { createGates } from "../../kernel/capabilities/fetch/pacing/gates.ts";
import { createPacer } from "../../kernel/capabilities/fetch/pacing/pacer.ts";
import { createSlices } from "../../kernel/capabilities/fetch/pacing/slices.ts";
import { createSlidingWindow } from "../../kernel/capabilities/fetch/pacing/sliding-window.ts";
import { turnedClock } from "./harness.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const refusal = { code: "fetch-rate-limited", message: "" } as const;
const hourMs = 3_600_000;

const bounds = {
  ofConnection: 64,
  toldOfConnection: 20,
  toldOfTenant: 50,
  writtenOfTenant: 200,
  written: 1_000,
};

function openGates() {
  const gates = createGates(() => now, bounds);
  return {
    gates,
    /** A limit that a tenant wrote for a connection, of which one request is used. */
    write(tenantId: string, connection: number, limit: number) {
      const connectionId = `${tenantId} ${connection}`;
      const gate = gates.of(`${connectionId} ${limit}`, () => ({
        meter: createSlidingWindow(() => ({ requests: 2, ms: hourMs })),
        refusal,
        owned: { connectionId, tenantId, by: "written" },
      }));
      const isOpen = gate.meter.waitMs(now, 1) === 0;
      if (isOpen) gate.meter.take(now, 1);
      return isOpen;
    },
  };
}

test("a tenant that writes limits over many connections loses its own, and begins the next used up", () => {
  const { gates, write } = openGates();
  assert.ok(write("other", 0, 0));
  const perConnection = 50;
  for (let i = 0; i < 200; i++)
    assert.ok(write("greedy", Math.floor(i / perConnection), i % perConnection), `${i}`);
  assert.equal(gates.size, 201);
  for (let i = 0; i < 10; i++) assert.equal(write("greedy", 1_000, i), false);
  assert.equal(write("greedy", 0, 0), false, "it is made anew, and used up");
  assert.equal(gates.size, 201);
  assert.ok(write("other", 0, 0), "the second of two in an hour");
  assert.equal(write("other", 0, 0), false, "it was remembered");
  assert.ok(write("other", 0, 1));
});

test("of all tenants' the one with most of them pays, and nobody else's begins used up", () => {
  const { gates, write } = openGates();
  const each = [200, 199, 199, 199, 199, 4];
  for (const [tenant, count] of each.entries())
    for (let i = 0; i < count; i++) write(`tnt_${tenant}`, Math.floor(i / 50), i % 50);
  assert.equal(gates.size, 1_000);
  assert.ok(write("small", 0, 0));
  assert.equal(gates.size, 1_000);
  assert.ok(write("tnt_5", 0, 0), "the second of two");
});

test("what a vendor has told, and what somebody waits for or has under way, does not go for another", () => {
  const { gates, write } = openGates();
  const owned = { connectionId: "tnt 0", tenantId: "tnt" };
  const meter = () => createSlidingWindow(() => ({ requests: 2, ms: hourMs }));
  const told = gates.of("told", () => ({ meter: meter(), refusal, owned: { ...owned, by: "told" } }));
  const busy = gates.of("busy", () => ({
    meter: createConcurrency(1),
    refusal,
    owned: { ...owned, by: "written" },
  }));
  busy.underWay = 1;
  for (let i = 0; i < 200; i++) write("tnt", 0, i);
  assert.deepEqual([gates.get("told"), gates.get("busy")], [told, busy]);
  assert.equal(gates.size, 64);
});

test("a tenant whose vendors tell more than is remembered of one has them remembered by connection", async (t) => {
  const clock = turnedClock();
  const pacer = createPacer({ clock, slices: createSlices(), hosts: () => 1, onWait() {}, bounds });
  const open = createUnderWay<AbortController>();
  const caller = new AbortController().signal;
  const limits = defaultEgressLimits;
  const enter = async (tenantId: string, connection: number, host: string) => {
    const requester = { id: `${tenantId} ${connection}`, tenantId, pluginId: "acme/vendor" };
    const call = openCall({ clock, timeoutMs: 30_000, caller, open });
    t.after(call.end);
    return pacer.enter({ requester, limits, call }, { host, rates: [] });
  };
  /** An answer that has the connection wait for an hour. */
  const limited = async (tenantId: string, connection: number, host: string) => {
    const turn = await enter(tenantId, connection, host);
    const headers: [string, string][] = [["retry-after", "3600"]];
    const response = { url: `https://${host}/`, status: 429, statusText: "", headers, body: Buffer.alloc(0) };
    turn.settle({ response, headers, at: () => undefined, lacks: () => false });
    turn.leave();
  };
  const waits = { code: "fetch-rate-limited" };
  for (let connection = 0; connection < 5; connection++)
    for (let i = 0; i < 10; i++) await limited("greedy", connection, `${i}.vendor.test`);
  assert.equal(pacer.gates(), 50);
  await limited("greedy", 5, "0.vendor.test");
  await assert.rejects(enter("greedy", 5, "0.vendor.test"), waits);
  await assert.rejects(enter("greedy", 5, "1.vendor.test"), waits, "the connection's hosts are one by now");
  (await enter("greedy", 4, "10.vendor.test")).leave();
  assert.equal(pacer.gates(), 51);
  // Nobody else has less room for it.
  await limited("other", 0, "0.vendor.test");
  await assert.rejects(enter("other", 0, "0.vendor.test"), waits);
  (await enter("other", 0, "1.vendor.test")).leave();
  // What is forgotten makes room.
  for (let connection = 0; connection < 6; connection++) pacer.forget(`greedy ${connection}`);
  await limited("greedy", 6, "0.vendor.test");
  (await enter("greedy", 6, "1.vendor.test")).leave();
});
