import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Capability, createThreadBudget, type Isolation, type ThreadBudget } from "../index.ts";
import { openPlugin, type TestPlugin, testInEach } from "./open-plugin.ts";

const actions = {
  count: "() => ++counter",
  good: "({ input }) => input",
  ask: "({ ask }) => ask(1)",
};

function open(t: TestContext, isolation: Isolation, threads: ThreadBudget): TestPlugin {
  return openPlugin(t, actions, { isolation, threads, prelude: "let counter = 0;" });
}

/** A capability that answers when it is told to. */
function gate() {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<number>();
  const ask: Capability = () => {
    asked.resolve();
    return answer.promise;
  };
  return { capabilities: { ask }, asked: asked.promise, open: () => answer.resolve(7) };
}

testInEach("when the host is full, the thread that was used longest ago makes room", async (t, isolation) => {
  const threads = createThreadBudget({ max: 2 });
  const [a, b, c] = [open(t, isolation, threads), open(t, isolation, threads), open(t, isolation, threads)];
  for (const plugin of [a, b, a, c]) await plugin.run("count");
  assert.deepEqual(
    [a, b, c].map((plugin) => plugin.sandbox.stats().running),
    [true, false, true],
  );
  assert.deepEqual(threads.stats(), { max: 2, running: 2, waiting: 0, rests: 1 });
  assert.ok(b.events.some((event) => event.type === "thread-ended" && event.reason === "rested"));
  assert.equal(await b.run("count"), 1, "it is started again when it is called");
  assert.equal(a.sandbox.stats().running, false);
  assert.equal(threads.stats().running, 2);
});

testInEach("when no thread is idle, calls wait until one is, in order", async (t, isolation) => {
  const threads = createThreadBudget({ max: 1, turnMs: 60_000 });
  const [a, b, c] = [open(t, isolation, threads), open(t, isolation, threads), open(t, isolation, threads)];
  const { capabilities, asked, open: answer } = gate();
  const running = a.run("ask", { capabilities });
  await asked;
  const order: string[] = [];
  const first = b.run("good", { input: 1 }).then(() => order.push("b"));
  const second = c.run("good", { input: 2 }).then(() => order.push("c"));
  assert.deepEqual(threads.stats(), { max: 1, running: 1, waiting: 2, rests: 0 });
  assert.equal(b.sandbox.stats().callsWaiting, 1);
  answer();
  assert.equal(await running, 7);
  await Promise.all([first, second]);
  assert.deepEqual(order, ["b", "c"]);
});

testInEach("a call waits no longer than its deadline", async (t, isolation) => {
  const threads = createThreadBudget({ max: 1, turnMs: 60_000 });
  const [a, b] = [open(t, isolation, threads), open(t, isolation, threads)];
  const { capabilities, asked, open: answer } = gate();
  const running = a.run("ask", { capabilities });
  await asked;
  const error = await b.fail("good", { deadlineMs: 50, callId: "call_1" });
  assert.deepEqual([error.code, error.retryable], ["plugin-host-busy", true]);
  assert.deepEqual(b.events, [
    { type: "limit-reached", limit: "threads", tenantId: "tnt_1", callId: "call_1" },
  ]);
  assert.equal(threads.stats().waiting, 0, "nothing is started for a call that is over");
  answer();
  await running;
  assert.equal(b.sandbox.stats().starts, 0);
});

test("a plugin that is never idle makes room all the same, and gets it back", async (t) => {
  const threads = createThreadBudget({ max: 1, turnMs: 20 });
  const plugins = [open(t, "thread", threads), open(t, "thread", threads), open(t, "thread", threads)];
  let over = false;
  const answered = plugins.map(() => 0);
  // Two lines of calls each, so that one is always in flight.
  const lines = plugins.flatMap((plugin, which) =>
    [1, 2].map(async (input) => {
      while (!over) {
        assert.equal(await plugin.run("good", { input }), input);
        answered[which] = (answered[which] ?? 0) + 1;
        over ||= plugins.every((each) => each.sandbox.stats().starts >= 3);
      }
    }),
  );
  await Promise.all(lines);
  assert.ok(answered.every((count) => count > 0));
  assert.equal(threads.stats().running <= 1, true);
});

test("a call that is given up, or whose sandbox is closed, waits no longer", async (t) => {
  const threads = createThreadBudget({ max: 1, turnMs: 60_000 });
  const [a, b, c] = [open(t, "thread", threads), open(t, "thread", threads), open(t, "thread", threads)];
  const { capabilities, asked, open: answer } = gate();
  const running = a.run("ask", { capabilities });
  await asked;
  const controller = new AbortController();
  const givenUp = b.fail("good", { signal: controller.signal });
  const closed = c.fail("good");
  controller.abort();
  await c.sandbox.close({ graceMs: 0 });
  assert.equal((await givenUp).code, "call-aborted");
  assert.equal((await closed).code, "plugin-closed");
  assert.deepEqual(threads.stats(), { max: 1, running: 1, waiting: 0, rests: 0 });
  answer();
  assert.equal(await running, 7);
});

test("a sandbox that is closed, and a thread that crashes, give their room back", async (t) => {
  const threads = createThreadBudget({ max: 1 });
  const spin = { spin: "() => { for (;;); }" };
  const bad = openPlugin(t, spin, { threads, limits: { blockMs: 50 } });
  const [a, b] = [open(t, "thread", threads), open(t, "thread", threads)];
  const crashing = bad.fail("spin");
  const waiting = a.run("good", { input: 1 });
  assert.equal((await crashing).code, "plugin-blocked");
  assert.equal(await waiting, 1);
  await a.sandbox.close();
  assert.equal(threads.stats().running, 0);
  assert.equal(await b.run("good", { input: 2 }), 2);
});

test("one tenant cannot keep all threads of the host busy with calls that sleep", async (t) => {
  const threads = createThreadBudget({ max: 3, maxPerTenant: 2, turnMs: 20 });
  const plugins = [open(t, "thread", threads), open(t, "thread", threads), open(t, "thread", threads)];
  const [a, b, c] = plugins as [TestPlugin, TestPlugin, TestPlugin];
  const { capabilities, asked, open: answer } = gate();
  const sleeping = [a, b].map((plugin) => plugin.run("ask", { tenantId: "tnt_bad", capabilities }));
  await asked;
  const o = { tenantId: "tnt_bad", callId: "call_3", capabilities, deadlineMs: 5_000 };
  const refused = await c.fail("ask", o);
  assert.deepEqual([refused.code, refused.retryable], ["plugin-host-busy", true]);
  assert.deepEqual(c.events, [
    { type: "limit-reached", limit: "threadsPerTenant", tenantId: "tnt_bad", callId: "call_3" },
  ]);
  assert.equal(await c.run("good", { tenantId: "tnt_good", input: 1 }), 1);
  await c.sandbox.describe();
  answer();
  assert.deepEqual(await Promise.all(sleeping), [7, 7]);
  assert.equal(await c.run("ask", o), 7, "what has ended keeps nothing");
});

test("a budget is a whole number of threads, at least one", () => {
  for (const max of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => createThreadBudget({ max }), RangeError);
});
