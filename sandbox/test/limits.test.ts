import assert from "node:assert/strict";
import { test } from "node:test";
import { openPlugin, testInEach } from "./open-plugin.ts";

const good = "async ({ input }) => ({ good: input })";

test("a call that waits past its deadline ends alone, and the thread stays", async (t) => {
  const plugin = openPlugin(t, { wait: "() => new Promise(() => {})", good });
  const waiting = plugin.fail("wait", { deadlineMs: 100 });
  assert.deepEqual(await plugin.run("good", { input: 1 }), { good: 1 });
  assert.equal((await waiting).code, "plugin-deadline-exceeded");
  assert.deepEqual(await plugin.run("good", { input: 2 }), { good: 2 });
  assert.equal(plugin.sandbox.stats().starts, 1);
});

test("a deadline is not paused by what the plugin waits for", async (t) => {
  const plugin = openPlugin(t, { ask: "({ fetch }) => fetch('https://vendor.test/')", good });
  await plugin.run("good");
  let asked: AbortSignal | undefined;
  const fetch = (_: unknown, { signal }: { signal: AbortSignal }) => {
    asked = signal;
    return new Promise<null>(() => {});
  };
  // On a busy machine a call may be over before it has asked: then the next one has longer.
  for (let deadlineMs = 100; !asked && deadlineMs < 60_000; deadlineMs *= 2) {
    const error = await plugin.fail("ask", { deadlineMs, capabilities: { fetch } });
    assert.deepEqual([error.code, error.retryable], ["plugin-deadline-exceeded", false]);
  }
  assert.equal(asked?.aborted, true, "the capability is told that nobody waits any more");
});

const spins = {
  "at once": "() => { for (;;); }",
  "after an await": "async () => { await null; for (;;); }",
  "in microtasks": "async () => { for (;;) await null; }",
  "in a timer": "() => new Promise(() => { setTimeout(() => { for (;;); }, 1); })",
  "in a getter of its output": "() => ({ get a() { for (;;); } })",
  "in toJSON": "() => ({ toJSON() { for (;;); } })",
  "in a getter of what it throws": "() => { throw { get message() { for (;;); } }; }",
  "in a regular expression": "() => /(x+x+)+y/.test('x'.repeat(60))",
};

for (const [where, spin] of Object.entries(spins)) {
  test(`a plugin that spins ${where} costs only its own call`, async (t) => {
    const plugin = openPlugin(t, { spin, good }, { limits: { blockMs: 200 } });
    const spinning = plugin.fail("spin", { tenantId: "tnt_bad" });
    const others = [1, 2, 3].map((input) => plugin.run("good", { tenantId: `tnt_${input}`, input }));
    assert.equal((await spinning).code, "plugin-blocked");
    assert.deepEqual(await Promise.all(others), [{ good: 1 }, { good: 2 }, { good: 3 }]);
  });
}

test("a call that takes too much CPU in small bites is ended", async (t) => {
  const nibble = `async () => {
    for (;;) {
      const end = Date.now() + 5;
      while (Date.now() < end);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }`;
  const plugin = openPlugin(t, { nibble, good }, { limits: { cpuMs: 200 } });
  assert.equal((await plugin.fail("nibble")).code, "plugin-cpu-exceeded");
  assert.deepEqual(await plugin.run("good", { input: 1 }), { good: 1 });
  assert.equal(plugin.sandbox.stats().crashes, 0, "the thread was not to blame");
});

/** Processes of plugins run behind all others: on a busy machine a second of theirs may take long. */
const patientMs = 150_000;

const burn = (ms: string) => `{ const end = Date.now() + ${ms}; while (Date.now() < end); }`;

testInEach("many short calls at once are no one call that blocks", async (t, isolation) => {
  const actions = { good, burst: `({ input }) => { ${burn("16")} return input; }` };
  const plugin = openPlugin(t, actions, {
    isolation,
    limits: { deadlineMs: patientMs, blockMs: 200, calls: 64 },
  });
  await plugin.run("good");
  const inputs = Array.from({ length: 60 }, (_, input) => input);
  const outputs = inputs.map((input) => plugin.run("burst", { tenantId: `tnt_${input % 7}`, input }));
  assert.deepEqual(await Promise.all(outputs), inputs);
  assert.equal(plugin.sandbox.stats().crashes, 0);
});

testInEach("a call cannot go on in timers that are all due, each of them short", async (t, isolation) => {
  const actions = {
    good,
    // Nothing else gets a turn between them, not even the word that the call is over.
    crowd: `() => new Promise(() => { for (let i = 0; i < 500; i++) setTimeout(() => ${burn("100")}, 1); })`,
  };
  const plugin = openPlugin(t, actions, {
    isolation,
    limits: { deadlineMs: patientMs, blockMs: 300, cpuMs: 400 },
  });
  await plugin.run("good");
  const crowd = plugin.fail("crowd", { tenantId: "tnt_bad" });
  assert.equal((await crowd).code, "plugin-cpu-exceeded");
  assert.deepEqual(await plugin.run("good", { input: 1 }), { good: 1 });
  const ended = plugin.events.filter((event) => event.type === "thread-ended");
  assert.deepEqual(
    ended.map(({ reason, tenantId }) => [reason, tenantId]),
    [["blocked", "tnt_bad"]],
  );
});

test("a host that was held up itself does not take a process for one that is deaf", async (t) => {
  const { promise: open, resolve } = Promise.withResolvers<null>();
  const plugin = openPlugin(
    t,
    { wait: "async ({ ask }) => ask(1)" },
    { isolation: "process", limits: { blockMs: 20 } },
  );
  const waiting = plugin.run("wait", { capabilities: { ask: () => open } });
  while (plugin.sandbox.stats().cpuMs === 0) await new Promise((next) => setTimeout(next, 5));
  for (let round = 0; round < 5; round += 1) {
    await new Promise((next) => setTimeout(next, 20));
    // Between the watchdog's tick, which asks, and the turn in which its answer would be read.
    await new Promise((next) => setImmediate(next));
    const end = performance.now() + 200;
    while (performance.now() < end);
  }
  resolve(null);
  assert.equal(await waiting, null);
  assert.equal(plugin.sandbox.stats().crashes, 0);
});

const fills = {
  "small objects": "() => { const all = []; for (;;) all.push({ a: [] }); }",
  "a map": "() => { const all = new Map(); for (let i = 0; ; i++) all.set(i, {}); }",
  strings: "() => { const all = []; for (let i = 0; ; i++) all.push('x'.repeat(1e6) + i); }",
  "one large array": "() => { const all = []; for (;;) all.push(new Array(3e6).fill(0)); }",
  "arrays that double": "() => { let all = [1, 2, 3]; for (;;) all = all.concat(all); }",
  promises: "() => { const all = []; for (;;) all.push(Promise.resolve().then(() => {})); }",
  symbols: "() => { for (let i = 0; ; i++) Symbol.for('k' + i); }",
  "a wide output":
    "() => { let value = [1]; for (let i = 0; i < 40; i++) value = [value, value]; return value; }",
};

for (const [what, fill] of Object.entries(fills)) {
  test(`a plugin that fills its memory with ${what} costs only its own call`, async (t) => {
    const limits = { heapBytes: 64 * 2 ** 20, blockMs: 10_000 };
    const plugin = openPlugin(t, { fill, good }, { limits });
    const filling = plugin.fail("fill", { tenantId: "tnt_bad" });
    const others = [1, 2].map((input) => plugin.run("good", { tenantId: `tnt_${input}`, input }));
    const { code } = await filling;
    assert.ok(["plugin-out-of-memory", "plugin-failed", "plugin-output-invalid"].includes(code), code);
    assert.deepEqual(await Promise.all(others), [{ good: 1 }, { good: 2 }]);
  });
}

test("array buffers count, although they lie outside the heap", async (t) => {
  const fill = "() => { const all = []; for (;;) all.push(new ArrayBuffer(1e6)); }";
  const plugin = openPlugin(t, { fill, good }, { binary: true, limits: { externalBytes: 32 * 2 ** 20 } });
  assert.equal((await plugin.fail("fill")).code, "plugin-external-memory-exceeded");
  assert.deepEqual(await plugin.run("good", { input: 1 }), { good: 1 });
});

test("garbage is not taken for memory in use", async (t) => {
  const churn = `async () => {
    for (let i = 0; i < 60; i++) {
      JSON.parse(JSON.stringify(Array.from({ length: 50_000 }, (_, k) => ({ k }))));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return "done";
  }`;
  const plugin = openPlugin(t, { churn }, { limits: { heapBytes: 64 * 2 ** 20 } });
  assert.equal(await plugin.run("churn"), "done");
});

test("nor is the garbage of many short calls", async (t) => {
  const churn = "() => JSON.parse(JSON.stringify(Array.from({ length: 20_000 }, (_, k) => ({ k })))).length";
  const plugin = openPlugin(t, { churn }, { limits: { heapBytes: 48 * 2 ** 20 } });
  for (let round = 0; round < 150; round += 1) assert.equal(await plugin.run("churn"), 20_000);
  assert.equal(plugin.sandbox.stats().crashes, 0);
});

test("tenants that do not fit into memory together make room for each other", async (t) => {
  const prelude = "const state = Array.from({ length: 30_000 }, (_, i) => ({ i }));";
  const plugin = openPlugin(
    t,
    { count: "async () => { await null; return state.length; }" },
    { prelude, limits: { heapBytes: 48 * 2 ** 20 } },
  );
  for (let round = 0; round < 2; round += 1)
    for (let tenant = 0; tenant < 150; tenant += 1)
      assert.equal(await plugin.run("count", { tenantId: `tnt_${tenant}` }), 30_000);
  assert.equal(plugin.sandbox.stats().crashes, 0);
});

test("an input that is too large or too deep does not enter", async (t) => {
  const plugin = openPlugin(t, { good }, { limits: { inputBytes: 1000, depth: 10 } });
  assert.equal((await plugin.fail("good", { input: "x".repeat(1001) })).code, "plugin-input-too-large");
  assert.equal((await plugin.fail("good", { input: "ä".repeat(600) })).code, "plugin-input-too-large");
  const deep = JSON.parse(`${"[".repeat(11)}${"]".repeat(11)}`);
  assert.equal((await plugin.fail("good", { input: deep })).code, "plugin-input-too-large");
  const deeper = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  assert.equal((await plugin.fail("good", { input: deeper })).code, "plugin-input-too-large");
  assert.equal(plugin.sandbox.stats().starts, 0, "nothing was started for it");
});

test("an output that is too large or too deep does not leave", async (t) => {
  const large = "({ input }) => 'ä'.repeat(input)";
  const deep =
    "({ input }) => { let value = 1; for (let i = 0; i < input; i++) value = [value]; return value; }";
  const plugin = openPlugin(t, { large, deep }, { limits: { outputBytes: 1000, depth: 10 } });
  assert.equal(await plugin.run("large", { input: 499 }), "ä".repeat(499));
  assert.equal((await plugin.fail("large", { input: 600 })).code, "plugin-output-too-large");
  assert.equal((await plugin.fail("large", { input: 6000 })).code, "plugin-output-too-large");
  assert.deepEqual(await plugin.run("deep", { input: 9 }), JSON.parse(`${"[".repeat(9)}1${"]".repeat(9)}`));
  assert.equal((await plugin.fail("deep", { input: 11 })).code, "plugin-output-invalid");
});

test("calls in flight are limited per tenant and in total", async (t) => {
  const plugin = openPlugin(
    t,
    { wait: "({ fetch }) => fetch('https://vendor.test/').then(() => 1)" },
    {
      limits: { callsPerTenant: 2, calls: 3 },
    },
  );
  const { promise: open, resolve: release } = Promise.withResolvers<void>();
  const fetch = async () => {
    await open;
    return { status: 200, statusText: "", url: "", headers: [], body: new Uint8Array(0) };
  };
  const start = (tenantId: string) => plugin.run("wait", { tenantId, capabilities: { fetch } });
  const running = [start("tnt_1"), start("tnt_1")];
  const busy = await plugin.fail("wait", { tenantId: "tnt_1", capabilities: { fetch } });
  assert.equal(busy.code, "plugin-tenant-busy");
  assert.equal(busy.retryable, true);
  running.push(start("tnt_2"));
  assert.equal(
    (await plugin.fail("wait", { tenantId: "tnt_3", capabilities: { fetch } })).code,
    "plugin-busy",
  );
  release();
  assert.deepEqual(await Promise.all(running), [1, 1, 1]);
  assert.equal(await start("tnt_1"), 1);
});

test("log lines stop at the call's limit, with one last word", async (t) => {
  const flood =
    "({ log }) => { for (let i = 0; i < 100_000; i++) { log.info('line ' + i); console.log('more'); } }";
  const plugin = openPlugin(t, { flood }, { limits: { logLines: 5 } });
  const lines: unknown[] = [];
  const log = async (line: unknown) => {
    lines.push(line);
    return null;
  };
  await plugin.run("flood", { capabilities: { log: log as never } });
  assert.equal(lines.length, 6);
  assert.deepEqual(lines[0], { level: "info", message: "line 0" });
  assert.deepEqual(lines[5], {
    level: "warn",
    message: "The call reached its log limit; later lines are dropped.",
    fields: { code: "log-lines-exceeded" },
  });
});

test("timers and open capability calls are limited", async (t) => {
  const timers = "() => { for (;;) setTimeout(() => {}, 1000); }";
  const asks =
    "async ({ fetch }) => { const all = []; for (let i = 0; i < 4; i++) all.push(fetch('https://vendor.test/')); await Promise.all(all); }";
  const plugin = openPlugin(t, { timers, asks }, { limits: { timers: 10, capabilityCalls: 3 } });
  assert.equal((await plugin.fail("timers")).thrown?.code, "too-many-timers");
  const fetch = () => new Promise<never>(() => {});
  const error = await plugin.fail("asks", { capabilities: { fetch } });
  assert.equal(error.thrown?.code, "too-many-capability-calls");
});

test("a call cannot flood the host with capability calls that it gives up at once", async (t) => {
  const flood = `async () => {
    for (;;) {
      const controller = new AbortController();
      const asked = fetch("https://vendor.test/", { signal: controller.signal });
      controller.abort();
      const error = await asked.catch((reason) => reason);
      if (error.name !== "AbortError") throw error;
    }
  }`;
  const plugin = openPlugin(t, { flood }, { limits: { capabilityCallsTotal: 50 } });
  let asked = 0;
  const fetch = () => {
    asked += 1;
    return new Promise<never>(() => {});
  };
  const error = await plugin.fail("flood", { capabilities: { fetch } });
  assert.equal(error.thrown?.code, "too-many-capability-calls-in-all");
  assert.equal(asked, 50);
});

test("arguments and replies of capabilities are limited", async (t) => {
  const post =
    "({ fetch, input }) => fetch('https://vendor.test/', { method: 'POST', body: 'x'.repeat(input) }).then((r) => r.text())";
  const plugin = openPlugin(t, { post }, { limits: { capabilityBytes: 1000 } });
  const fetch = async () => ({
    status: 200,
    statusText: "",
    url: "",
    headers: [],
    body: new Uint8Array(2000),
  });
  assert.equal(
    (await plugin.fail("post", { input: 2000, capabilities: { fetch } })).thrown?.code,
    "argument-too-large",
  );
  assert.equal(
    (await plugin.fail("post", { input: 1, capabilities: { fetch } })).thrown?.code,
    "reply-too-large",
  );
});
