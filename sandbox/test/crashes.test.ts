import assert from "node:assert/strict";
import { test } from "node:test";
import type { SandboxEvent } from "../index.ts";
import { createClock, openPlugin, testInEach } from "./open-plugin.ts";

const actions = { spin: "() => { for (;;); }", good: "({ input }) => input" };
const limits = { blockMs: 50, crashes: 3, backOffMs: 1_000, crashWindowMs: 60_000 };
const loops = (events: SandboxEvent[]) => events.filter((event) => event.type === "crash-loop");

testInEach("a tenant whose calls crash in a loop is paused alone", async (t, isolation) => {
  const clock = createClock();
  const plugin = openPlugin(t, actions, { limits, isolation, now: clock.now });
  for (let round = 0; round < 3; round += 1)
    assert.equal((await plugin.fail("spin", { tenantId: "tnt_bad" })).code, "plugin-blocked");
  const refused = await plugin.fail("good", { tenantId: "tnt_bad", callId: "call_1" });
  assert.deepEqual([refused.code, refused.retryable, refused.retryAfterMs], ["plugin-crashed", true, 1_000]);
  assert.equal(await plugin.run("good", { tenantId: "tnt_good", input: 1 }), 1);
  assert.deepEqual(loops(plugin.events), [
    { type: "crash-loop", crashes: 3, pauseMs: 1_000, tenantId: "tnt_bad" },
  ]);
  const reached = plugin.events.filter((event) => event.type === "limit-reached").at(-1);
  assert.deepEqual(reached, {
    type: "limit-reached",
    limit: "crashes",
    tenantId: "tnt_bad",
    callId: "call_1",
  });

  clock.goOn(1_000);
  assert.equal((await plugin.fail("spin", { tenantId: "tnt_bad" })).code, "plugin-blocked");
  assert.equal(loops(plugin.events).length, 2);
  const again = await plugin.fail("good", { tenantId: "tnt_bad" });
  assert.equal(again.retryAfterMs, 2_000, "each further crash doubles the pause");
  clock.goOn(60_000);
  assert.equal(await plugin.run("good", { tenantId: "tnt_bad", input: 2 }), 2);
});

testInEach("one that is paused does not bring the others nearer to a pause", async (t, isolation) => {
  const clock = createClock();
  const plugin = openPlugin(t, actions, { limits, isolation, now: clock.now });
  for (let round = 0; round < 5; round += 1) {
    assert.equal((await plugin.fail("spin", { tenantId: "tnt_bad" })).code, "plugin-blocked");
    clock.goOn(plugin.events.reduce((ms, event) => (event.type === "crash-loop" ? event.pauseMs : ms), 0));
  }
  assert.equal((await plugin.fail("spin", { tenantId: "tnt_unlucky" })).code, "plugin-blocked");
  assert.ok(loops(plugin.events).every((event) => "tenantId" in event && event.tenantId === "tnt_bad"));
  assert.equal(await plugin.run("good", { tenantId: "tnt_unlucky", input: 1 }), 1);
});

testInEach("when several tenants' calls crash, the plugin pauses for all", async (t, isolation) => {
  const clock = createClock();
  const plugin = openPlugin(t, actions, { limits, isolation, now: clock.now });
  for (const tenantId of ["tnt_1", "tnt_2", "tnt_3"]) await plugin.fail("spin", { tenantId });
  assert.deepEqual(loops(plugin.events), [{ type: "crash-loop", crashes: 3, pauseMs: 1_000 }]);
  const refused = await plugin.fail("good", { tenantId: "tnt_good" });
  assert.deepEqual([refused.code, refused.retryAfterMs], ["plugin-crashed", 1_000]);
  assert.equal(plugin.sandbox.stats().pausedUntil, clock.now() + 1_000);
  clock.goOn(1_000);
  assert.equal(await plugin.run("good", { tenantId: "tnt_good", input: 1 }), 1);
});

test("two tenants that crash it again and again do not pause it for the others", async (t) => {
  const clock = createClock();
  const plugin = openPlugin(t, actions, { limits: { ...limits, crashes: 4 }, now: clock.now });
  for (let round = 0; round < 3; round += 1)
    for (const tenantId of ["tnt_bad", "tnt_friend"])
      assert.equal((await plugin.fail("spin", { tenantId })).code, "plugin-blocked");
  assert.deepEqual(loops(plugin.events), []);
  assert.equal(await plugin.run("good", { tenantId: "tnt_good", input: 1 }), 1);
});

test("nor do three, where many others call", async (t) => {
  const clock = createClock();
  const plugin = openPlugin(t, actions, { limits, now: clock.now });
  for (let tenant = 0; tenant < 7; tenant += 1)
    assert.equal(await plugin.run("good", { tenantId: `tnt_${tenant}`, input: tenant }), tenant);
  const crash = (tenant: number) => plugin.fail("spin", { tenantId: `tnt_${tenant}` });
  for (const tenant of [0, 1, 2]) await crash(tenant);
  assert.deepEqual(loops(plugin.events), []);
  await crash(3);
  assert.equal(loops(plugin.events).length, 1, "four of seven are not a few");
});

test("a plugin that cannot even be looked at pauses for all", async (t) => {
  const o = { limits: { ...limits, crashes: 2 }, prelude: "for (;;) {}" };
  const plugin = openPlugin(t, actions, o);
  for (let round = 0; round < 2; round += 1)
    await assert.rejects(plugin.sandbox.describe(), { code: "plugin-blocked" });
  assert.equal((await plugin.fail("good", { tenantId: "tnt_good" })).code, "plugin-crashed");
});

test("suspects are parted until the one who did it is alone with it", async (t) => {
  const abort = "'x'.repeat(2 ** 29 - 100).split('');";
  const actions = {
    // With its request it has had an effect, so that it is not run again and does not show itself that way.
    abort: `async ({ ask }) => { ask(1); await new Promise((resolve) => setTimeout(resolve, 50)); ${abort} }`,
    ask: "({ ask }) => ask(1)",
    wait: "async ({ input }) => { await new Promise((resolve) => setTimeout(resolve, 400)); return input; }",
  };
  const limits = { blockMs: 10_000, heapCeilingBytes: 256 * 2 ** 20 };
  const plugin = openPlugin(t, actions, { isolation: "process", limits });
  const capabilities = { ask: () => new Promise<never>(() => {}) };
  const named = () =>
    plugin.events.flatMap((event) =>
      event.type === "thread-ended" && event.tenantId ? [event.tenantId] : [],
    );
  for (let round = 0; named().length === 0; round += 1) {
    assert.ok(round < 4, "four ends are enough for nine suspects");
    const innocent = Array.from({ length: 8 }, (_, tenant) =>
      plugin.run("wait", { tenantId: `tnt_${tenant}`, input: tenant }),
    );
    await plugin.fail("abort", { tenantId: "tnt_bad", capabilities });
    assert.deepEqual(
      await Promise.all(innocent),
      Array.from({ length: 8 }, (_, tenant) => tenant),
    );
  }
  assert.deepEqual(named(), ["tnt_bad"]);
  const reached = plugin.events.filter(
    (event) => event.type === "limit-reached" && event.tenantId === "tnt_bad",
  );
  assert.deepEqual(
    reached.map((event) => "limit" in event && event.limit),
    ["heapBytes"],
  );
  assert.deepEqual(loops(plugin.events), []);
});

test("a call without effects outlives three hostile ends in a row", async (t) => {
  const plugin = openPlugin(
    t,
    {
      ...actions,
      wait: "async ({ input }) => { await new Promise((resolve) => setTimeout(resolve, 400)); return input; }",
    },
    { limits: { blockMs: 50 } },
  );
  await plugin.run("good", { tenantId: "tnt_good" });
  const innocent = plugin.run("wait", { tenantId: "tnt_good", input: 1 });
  for (const tenantId of ["tnt_1", "tnt_2", "tnt_3"])
    assert.equal((await plugin.fail("spin", { tenantId })).code, "plugin-blocked");
  assert.equal(await innocent, 1);
});

test("a crash that was nobody's is counted once it is clear whose it was", async (t) => {
  const abort = "async () => { await null; 'x'.repeat(2 ** 29 - 100).split(''); }";
  const clock = createClock();
  // Only a process can end without a word of whose code it was.
  const o = {
    limits: { ...limits, crashes: 2, blockMs: 10_000 },
    isolation: "process",
    now: clock.now,
  } as const;
  const plugin = openPlugin(t, { ...actions, abort }, o);
  for (let round = 0; round < 2; round += 1) {
    await plugin.run("good", { tenantId: "tnt_good", input: 1 });
    const { code, retryAfterMs } = await plugin.fail("abort", { tenantId: "tnt_bad" });
    assert.ok(["plugin-out-of-memory", "plugin-crashed"].includes(code), code);
    assert.equal(retryAfterMs, undefined, "it was run");
  }
  assert.equal(await plugin.run("good", { tenantId: "tnt_good", input: 1 }), 1);
  assert.equal((await plugin.fail("good", { tenantId: "tnt_bad" })).code, "plugin-crashed");
});
