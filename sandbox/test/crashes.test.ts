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
