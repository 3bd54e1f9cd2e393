import assert from "node:assert/strict";
import childProcess from "node:child_process";
import { once } from "node:events";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import { defaultLimits } from "../limits.ts";
import { startThread } from "../thread.ts";
import { openPlugin } from "./open-plugin.ts";

const actions = { good: "({ input }) => input" };
const nextWorker = async (): Promise<Worker> => (await once(process, "worker"))[0];

test("a thread lives on when Node asks it for output after its walls were put up", async (t) => {
  const starting = nextWorker();
  const plugin = openPlugin(t, actions, { isolation: "thread" });
  await plugin.run("good");
  const worker = await starting;
  // On a busy machine what the host asks when it begins to read gets there as late as this.
  for (const stream of [worker.stdout, worker.stderr]) stream._read(1);
  for (let call = 0; call < 3; call += 1) assert.equal(await plugin.run("good", { input: call }), call);
  assert.deepEqual(
    plugin.events.map(({ type }) => type),
    ["thread-started"],
  );
});

test("a thread that ends while it starts is nobody's doing, and the call is run in the next", async (t) => {
  const starting = nextWorker();
  const plugin = openPlugin(t, actions, { isolation: "thread", limits: { crashes: 1 } });
  const answer = plugin.run("good", { input: 1 });
  await (await starting).terminate();
  assert.equal(await answer, 1);
  const ended = plugin.events.find(({ type }) => type === "thread-ended");
  assert.deepEqual(ended, { type: "thread-ended", reason: "not-started", detail: "exit code 0" });
});

test("one that ends so twice fails the call, which may be repeated", async (t) => {
  // What this file needs lies where a thread may not read.
  const workerUrl = new URL(import.meta.url);
  const plugin = openPlugin(t, actions, { isolation: "thread", workerUrl });
  const { code, message, retryable } = await plugin.fail("good");
  assert.deepEqual(
    { code, message, retryable },
    { code: "plugin-crashed", message: "The plugin could not be started; try again.", retryable: true },
  );
  assert.equal(plugin.sandbox.stats().starts, 2);
});

test("a process that the machine has no room for is tried again too", async (t) => {
  const { spawn } = childProcess;
  let attempts = 0;
  const spawnLater = (...all: Parameters<typeof spawn>) => {
    attempts += 1;
    if (attempts === 1) throw new Error("spawn ENOMEM");
    return spawn(...all);
  };
  t.mock.method(childProcess, "spawn", spawnLater as typeof spawn);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const plugin = openPlugin(t, actions, { isolation: "process" });
  assert.deepEqual(await Promise.all([1, 2].map((input) => plugin.run("good", { input }))), [1, 2]);
  assert.deepEqual(plugin.events[0], {
    type: "thread-ended",
    reason: "not-started",
    detail: "spawn ENOMEM",
  });
});

test("a thread that never says that it has started is given up", async (t) => {
  const { promise: death, resolve } = Promise.withResolvers<{ detail: string }>();
  const thread = startThread({
    isolation: "thread",
    plugin: { id: "acme/test", version: "1.0.0", code: "", binary: false },
    limits: defaultLimits,
    workerUrl: new URL("data:text/javascript,await new Promise((resolve) => setInterval(() => {}, 1e6))"),
    readable: ["*"],
    startMs: 300,
    crashesLately: 0,
    startsBusy: false,
    isIdle: () => true,
    onAnswer() {},
    onMessage() {},
    onOutput() {},
    onDeath: resolve,
  });
  t.after(thread.stop);
  assert.equal((await death).detail, "The thread did not start within 300 ms.");
});
