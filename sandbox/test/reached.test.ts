import assert from "node:assert/strict";
import type { Capability, ReachedLimit, SandboxLimits } from "../index.ts";
import { openPlugin, type TestPlugin, testInEach } from "./open-plugin.ts";

interface Way {
  limits?: Partial<SandboxLimits>;
  binary?: boolean;
  /** Source of the action that reaches the limit; it may use `input`. */
  bad: string;
  input?: (SandboxLimits & object) | string | number | null;
  deadlineMs?: number;
  capabilities?: { [name: string]: Capability };
  /** What the call fails with, or, after "inside ", what plugin code is told; nothing when the call is answered. */
  code?: string;
}

const never: Capability = () => new Promise(() => {});
const silent: Capability = async () => null;
const MiB = 2 ** 20;

/** For each limit a plugin that reaches it. */
const ways: { [limit in ReachedLimit]?: Way } = {
  deadlineMs: { bad: "() => new Promise(() => {})", deadlineMs: 100, code: "plugin-deadline-exceeded" },
  blockMs: { limits: { blockMs: 100 }, bad: "() => { for (;;); }", code: "plugin-blocked" },
  cpuMs: {
    limits: { cpuMs: 100 },
    bad: `async () => {
      for (;;) {
        const end = Date.now() + 5;
        while (Date.now() < end);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }`,
    code: "plugin-cpu-exceeded",
  },
  heapBytes: {
    limits: { heapBytes: 48 * MiB, blockMs: 10_000 },
    bad: "() => { const all = []; for (;;) all.push({ a: [] }); }",
    code: "plugin-out-of-memory",
  },
  externalBytes: {
    limits: { externalBytes: 32 * MiB },
    binary: true,
    bad: "() => { const all = []; for (;;) all.push(new ArrayBuffer(1e6)); }",
    code: "plugin-external-memory-exceeded",
  },
  inputBytes: {
    limits: { inputBytes: 1000 },
    bad: "() => 1",
    input: "x".repeat(1001),
    code: "plugin-input-too-large",
  },
  outputBytes: {
    limits: { outputBytes: 1000 },
    bad: "() => 'x'.repeat(1001)",
    code: "plugin-output-too-large",
  },
  depth: {
    limits: { depth: 8 },
    bad: "() => { let value = 1; for (let i = 0; i < 9; i++) value = [value]; return value; }",
    code: "plugin-output-invalid",
  },
  nodes: {
    limits: { nodes: 100 },
    bad: "() => Array.from({ length: 101 }, () => 1)",
    code: "plugin-output-invalid",
  },
  capabilityBytes: {
    limits: { capabilityBytes: 1000 },
    bad: "({ fetch }) => fetch('https://vendor.test/', { method: 'POST', body: 'x'.repeat(1001) })",
    capabilities: { fetch: never },
    code: "inside argument-too-large",
  },
  capabilityCalls: {
    limits: { capabilityCalls: 3 },
    bad: "({ store }) => Promise.all([store(1), store(2), store(3), store(4)])",
    capabilities: { store: never },
    code: "inside too-many-capability-calls",
  },
  capabilityCallsTotal: {
    limits: { capabilityCallsTotal: 3 },
    bad: "async ({ store }) => { for (;;) await store(1); }",
    capabilities: { store: silent },
    code: "inside too-many-capability-calls-in-all",
  },
  timers: {
    limits: { timers: 3 },
    bad: "() => { for (;;) setTimeout(() => {}, 1000); }",
    code: "inside too-many-timers",
  },
  logLines: {
    limits: { logLines: 3 },
    bad: "({ log }) => { for (let i = 0; i < 100; i++) log.info('a'); return 1; }",
    capabilities: { log: silent },
  },
  logBytes: {
    limits: { logBytes: 1000 },
    bad: "({ log }) => { for (let i = 0; i < 100; i++) log.info('a'.repeat(100)); return 1; }",
    capabilities: { log: silent },
  },
};

/** The code that a call fails with, or that plugin code was told and did not catch. */
async function codeOf(plugin: TestPlugin, { input = null, deadlineMs, capabilities }: Way, callId: string) {
  const outcome = await plugin.sandbox
    .call({
      tenantId: "tnt_bad",
      callId,
      target: { kind: "action", name: "bad" },
      input: input as string | null,
      capabilities: capabilities ?? {},
      ...(deadlineMs !== undefined && { deadlineMs }),
    })
    .catch((error) => error);
  if (!(outcome instanceof Error)) return undefined;
  const { code, thrown } = outcome as { code?: string; thrown?: { code?: string } };
  return code === "plugin-failed" ? `inside ${thrown?.code}` : code;
}

for (const [limit, way] of Object.entries(ways)) {
  testInEach(
    `${limit} has its own code and event, and costs no other tenant anything`,
    async (t, isolation) => {
      const { limits = {}, binary = false, bad } = way;
      const plugin = openPlugin(t, { bad, good: "({ input }) => input" }, { limits, binary, isolation });
      await plugin.run("good", { tenantId: "tnt_good" });
      const reaching = codeOf(plugin, way, "call_1");
      const beside = [1, 2, 3].map((input) => plugin.run("good", { tenantId: "tnt_good", input }));
      assert.equal(await reaching, way.code);
      assert.deepEqual(await Promise.all(beside), [1, 2, 3]);
      const reached = plugin.events.filter((event) => event.type === "limit-reached");
      assert.deepEqual(reached, [{ type: "limit-reached", limit, tenantId: "tnt_bad", callId: "call_1" }]);
    },
  );
}

testInEach("calls in flight have one limit for a tenant, and one for all", async (t, isolation) => {
  const limits = { callsPerTenant: 2, calls: 3 };
  const plugin = openPlugin(t, { wait: "({ store }) => store(1)" }, { limits, isolation });
  const gate = Promise.withResolvers<number>();
  const capabilities = { store: () => gate.promise };
  const start = (tenantId: string) => plugin.run("wait", { tenantId, capabilities });
  const running = [start("tnt_1"), start("tnt_1")];
  const third = await plugin.fail("wait", { tenantId: "tnt_1", capabilities, callId: "call_3" });
  assert.deepEqual([third.code, third.retryable], ["plugin-tenant-busy", true]);
  running.push(start("tnt_2"));
  const fourth = await plugin.fail("wait", { tenantId: "tnt_3", capabilities, callId: "call_4" });
  assert.deepEqual([fourth.code, fourth.retryable], ["plugin-busy", true]);
  gate.resolve(7);
  assert.deepEqual(await Promise.all(running), [7, 7, 7]);
  assert.deepEqual(
    plugin.events.filter((event) => event.type === "limit-reached"),
    [
      { type: "limit-reached", limit: "callsPerTenant", tenantId: "tnt_1", callId: "call_3" },
      { type: "limit-reached", limit: "calls", tenantId: "tnt_3", callId: "call_4" },
    ],
  );
});
