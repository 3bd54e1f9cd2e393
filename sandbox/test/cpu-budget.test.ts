import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Capability, Isolation, SandboxError, SandboxLimits } from "../index.ts";
import { createClock, openPlugin, type TestPlugin, testInEach } from "./open-plugin.ts";

const actions = {
  spin: "({ input }) => { const end = Date.now() + input; while (Date.now() < end); return input; }",
  good: "({ input }) => input",
  often:
    "async ({ input }) => { for (let i = 0; i < input; i++) await new Promise((resolve) => setTimeout(resolve, 1)); return input; }",
  ask: "({ ask }) => ask(1)",
  /** Answers at once, and goes on. */
  leave: `({ input }) => {
    Promise.resolve().then(() => {}).then(() => { const end = Date.now() + input; while (Date.now() < end); });
    return input;
  }`,
};

function open(t: TestContext, isolation: Isolation, limits: Partial<SandboxLimits>) {
  const clock = createClock();
  return { clock, plugin: openPlugin(t, actions, { isolation, limits, now: clock.now }) };
}

/** Calls again and again until it is refused; gives up after what no budget allows. */
async function refusalOf(plugin: TestPlugin, action: string, input: number, tenantId: string) {
  for (let spentMs = 0; spentMs < 20_000; spentMs += input) {
    const outcome = await plugin.run(action, { tenantId, input }).catch((error: SandboxError) => error);
    if (outcome instanceof Error) return { error: outcome, spentMs };
  }
  throw new Error("No call was refused.");
}

testInEach("a tenant that computes too much within a minute waits, by itself", async (t, isolation) => {
  const { clock, plugin } = open(t, isolation, { tenantCpuMsPerMinute: 200 });
  const { error } = await refusalOf(plugin, "spin", 50, "tnt_bad");
  assert.equal(error.code, "plugin-tenant-cpu-budget-exceeded");
  assert.equal(error.retryable, true);
  assert.equal(await plugin.run("good", { tenantId: "tnt_good", input: 1 }), 1);
  const reached = plugin.events.find((event) => event.type === "limit-reached");
  assert.deepEqual(reached && "limit" in reached && [reached.limit, reached.tenantId], [
    "tenantCpuMsPerMinute",
    "tnt_bad",
  ]);
  const { retryAfterMs = 0 } = error;
  assert.ok(retryAfterMs > 0 && retryAfterMs <= 60_000, String(retryAfterMs));
  clock.goOn(retryAfterMs - 1);
  assert.equal(
    (await plugin.fail("good", { tenantId: "tnt_bad" })).code,
    "plugin-tenant-cpu-budget-exceeded",
  );
  clock.goOn(1);
  assert.equal(await plugin.run("good", { tenantId: "tnt_bad", input: 2 }), 2);
});

testInEach("what the host computes for a tenant's calls is the tenant's too", async (t, isolation) => {
  const { plugin } = open(t, isolation, { tenantCpuMsPerMinute: 100, cpuMs: 200 });
  const busyFor =
    (ms: number): Capability =>
    async () => {
      const end = performance.now() + ms;
      while (performance.now() < end);
      return null;
    };
  const ask = (tenantId: string, ms: number) =>
    plugin.run("ask", { tenantId, capabilities: { ask: busyFor(ms) } });
  await ask("tnt_bad", 110);
  await assert.rejects(ask("tnt_bad", 0), { code: "plugin-tenant-cpu-budget-exceeded" });
  assert.equal(await ask("tnt_good", 0), null);
  await assert.rejects(ask("tnt_worse", 210), { code: "plugin-cpu-exceeded" });
});

testInEach("calls that are shorter than the watchdog's look count too", async (t, isolation) => {
  const { plugin } = open(t, isolation, { tenantCpuMsPerMinute: 200 });
  const { error, spentMs } = await refusalOf(plugin, "spin", 5, "tnt_bad");
  assert.equal(error.code, "plugin-tenant-cpu-budget-exceeded");
  assert.ok(spentMs < 2_000, `it had ${spentMs} ms`);
});

testInEach("so does what a call leaves behind", async (t, isolation) => {
  const { plugin } = open(t, isolation, { tenantCpuMsPerMinute: 200 });
  const { error, spentMs } = await refusalOf(plugin, "leave", 5, "tnt_bad");
  assert.equal(error.code, "plugin-tenant-cpu-budget-exceeded");
  assert.ok(spentMs < 2_000, `it had ${spentMs} ms`);
});

testInEach("a tenant does not pay for another whose code ran before", async (t, isolation) => {
  const { plugin } = open(t, isolation, { tenantCpuMsPerMinute: 300 });
  let refused: SandboxError | undefined;
  // Its code runs a little and often, so that whoever looks at the thread finds that it ran last.
  const often = async () => {
    while (!refused) assert.equal(await plugin.run("often", { tenantId: "tnt_good", input: 20 }), 20);
  };
  const seldom = async () => {
    while (!refused) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const outcome = await plugin.run("spin", { tenantId: "tnt_bad", input: 5 }).catch((error) => error);
      if (outcome instanceof Error) refused = outcome as SandboxError;
    }
  };
  await Promise.all([often(), seldom()]);
  assert.equal(refused?.code, "plugin-tenant-cpu-budget-exceeded");
  assert.equal(await plugin.run("good", { tenantId: "tnt_good", input: 1 }), 1);
});

testInEach("tenants that compute too much together make the plugin wait", async (t, isolation) => {
  const { clock, plugin } = open(t, isolation, { cpuMsPerMinute: 400 });
  let refused: SandboxError | undefined;
  for (let tenant = 0; !refused; tenant += 1) {
    const o = { tenantId: `tnt_${tenant}`, input: 50 };
    const outcome = await plugin.run("spin", o).catch((error) => error);
    if (outcome instanceof Error) refused = outcome as SandboxError;
    assert.ok(tenant < 100);
  }
  assert.equal(refused.code, "plugin-cpu-budget-exceeded");
  assert.equal((await plugin.fail("good", { tenantId: "tnt_good" })).code, "plugin-cpu-budget-exceeded");
  assert.ok(
    plugin.events.some((event) => event.type === "limit-reached" && event.limit === "cpuMsPerMinute"),
  );
  clock.goOn(refused.retryAfterMs ?? 0);
  assert.equal(await plugin.run("good", { tenantId: "tnt_good", input: 1 }), 1);
});

testInEach("a spin that ends the thread is charged to who spun", async (t, isolation) => {
  const { plugin } = open(t, isolation, { tenantCpuMsPerMinute: 150, blockMs: 200 });
  const error = await plugin.fail("spin", { tenantId: "tnt_bad", input: 60_000 });
  assert.equal(error.code, "plugin-blocked");
  const next = await plugin.fail("good", { tenantId: "tnt_bad" });
  assert.equal(next.code, "plugin-tenant-cpu-budget-exceeded");
  assert.equal(await plugin.run("good", { tenantId: "tnt_good", input: 1 }), 1);
});
