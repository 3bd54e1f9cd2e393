import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capability, SandboxEvent } from "../index.ts";
import { answering, createClock, openPlugin } from "./open-plugin.ts";

const good = "async ({ input }) => ({ good: input })";
const spin = "() => { for (;;); }";

/** A capability that answers when it is told to. */
function gate(): { fetch: Capability; asked: Promise<void>; open: () => void } {
  const asked = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const fetch: Capability = async (...all) => {
    asked.resolve();
    await opened.promise;
    return answering("through")(...all);
  };
  return { fetch, asked: asked.promise, open: opened.resolve };
}

test("nothing runs before the first call, and nothing after it has been idle", async (t) => {
  const plugin = openPlugin(
    t,
    { count: "() => ++counter" },
    { prelude: "let counter = 0;", limits: { idleMs: 30 } },
  );
  assert.equal(plugin.sandbox.stats().running, false);
  assert.equal(await plugin.run("count"), 1);
  assert.equal(plugin.sandbox.stats().running, true);
  const idle = await nextEvent(plugin.events, "thread-ended");
  assert.deepEqual(idle, { type: "thread-ended", reason: "idle" });
  assert.equal(plugin.sandbox.stats().running, false);
  assert.equal(await plugin.run("count"), 1, "a new thread has a new module");
  assert.equal(plugin.sandbox.stats().crashes, 0);
});

test("closing lets running calls finish, and refuses new ones", async (t) => {
  const plugin = openPlugin(t, { ask: "({ fetch }) => fetch('https://vendor.test/').then((r) => r.text())" });
  const { fetch, asked, open } = gate();
  const running = plugin.run("ask", { capabilities: { fetch } });
  await asked;
  const closing = plugin.sandbox.close();
  assert.equal((await plugin.fail("ask", { capabilities: { fetch } })).code, "plugin-closed");
  open();
  assert.equal(await running, "through");
  await closing;
  assert.equal(plugin.sandbox.stats().running, false);
});

test("closing does not wait longer than its grace", async (t) => {
  const plugin = openPlugin(t, { wait: "() => new Promise(() => {})", good });
  await plugin.run("good");
  const waiting = plugin.fail("wait");
  await plugin.sandbox.close({ graceMs: 10 });
  const error = await waiting;
  assert.equal(error.code, "plugin-closed");
  assert.equal(error.retryable, true);
});

test("when a call ends the thread, one that had done nothing outside is run again, once", async (t) => {
  const slow =
    "async ({ log, input }) => { log.info('started ' + input); await new Promise((resolve) => setTimeout(resolve, 300)); return input; }";
  const plugin = openPlugin(t, { slow, spin, good }, { limits: { blockMs: 100 } });
  await plugin.run("good");
  const lines: unknown[] = [];
  const log: Capability = async (line) => {
    lines.push((line as { message: string }).message);
    return null;
  };
  const innocent = plugin.run("slow", { tenantId: "tnt_good", input: 1, capabilities: { log } });
  const guilty = plugin.fail("spin", { tenantId: "tnt_bad" });
  assert.equal((await guilty).code, "plugin-blocked");
  assert.equal(await innocent, 1);
  assert.deepEqual(lines, ["started 1", "started 1"]);
  const ended = plugin.events.find((event) => event.type === "thread-ended");
  assert.equal(ended?.type === "thread-ended" && ended.tenantId, "tnt_bad", "the event names the tenant");
});

test("when a call ends the thread, one that had used a capability fails and may be tried again", async (t) => {
  const ask = "({ fetch }) => fetch('https://vendor.test/').then((r) => r.text())";
  const plugin = openPlugin(t, { ask, spin, good }, { limits: { blockMs: 100 } });
  const { fetch, asked } = gate();
  const innocent = plugin.fail("ask", { tenantId: "tnt_good", capabilities: { fetch } });
  await asked;
  const guilty = plugin.fail("spin", { tenantId: "tnt_bad" });
  assert.equal((await guilty).code, "plugin-blocked");
  const error = await innocent;
  assert.equal(error.code, "plugin-crashed");
  assert.equal(error.retryable, true);
});

test("a plugin that crashes in a loop is paused, and comes back", async (t) => {
  const limits = { blockMs: 50, crashes: 2, backOffMs: 200 };
  const clock = createClock();
  const plugin = openPlugin(t, { spin, good }, { limits, now: clock.now });
  for (let round = 0; round < 2; round += 1) assert.equal((await plugin.fail("spin")).code, "plugin-blocked");
  const refused = await plugin.fail("good");
  assert.equal(refused.code, "plugin-crashed");
  assert.equal(refused.retryable, true);
  assert.equal(refused.retryAfterMs, 200);
  const { pausedUntil, pausedTenants } = plugin.sandbox.stats();
  assert.deepEqual({ pausedUntil, pausedTenants }, { pausedUntil: 0, pausedTenants: 1 });
  const loop = plugin.events.find((event) => event.type === "crash-loop");
  assert.deepEqual(loop, { type: "crash-loop", crashes: 2, pauseMs: 200, tenantId: "tnt_1" });
  clock.goOn(200);
  assert.deepEqual(await plugin.run("good", { input: 1 }), { good: 1 });
});

test("calls that are given up before or while they wait end at once", async (t) => {
  const plugin = openPlugin(t, { wait: "() => new Promise(() => {})", good });
  assert.equal((await plugin.fail("good", { signal: AbortSignal.abort() })).code, "call-aborted");
  assert.equal(plugin.sandbox.stats().starts, 0);
  await plugin.run("good");
  const controller = new AbortController();
  const waiting = plugin.fail("wait", { signal: controller.signal });
  controller.abort();
  assert.equal((await waiting).code, "call-aborted");
  assert.equal(plugin.sandbox.stats().callsInFlight, 0);
});

test("an unknown action or hook has its own code, also for names that every object has", async (t) => {
  const plugin = openPlugin(t, { good });
  for (const name of ["nope", "constructor", "__proto__", "toString", "hasOwnProperty", ""])
    assert.equal((await plugin.fail(name)).code, "plugin-unknown-target", name);
});

async function nextEvent(
  events: SandboxEvent[],
  type: SandboxEvent["type"],
): Promise<SandboxEvent | undefined> {
  for (;;) {
    const found = events.find((event) => event.type === type);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
