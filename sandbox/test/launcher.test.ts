import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Capability, describeWalls } from "../index.ts";
import { type Runner, type RunnerEnd, startRunner } from "../launcher/index.ts";
import type { Orders } from "./hostile-runner/runner.ts";
import { isRunning, launcherOf, runnersOf, until } from "./launched.ts";
import { openPlugin } from "./open-plugin.ts";

const module = new URL("./hostile-runner/runner.ts", import.meta.url);
const linux = { skip: process.platform !== "linux" && "This platform has no /proc." };
const actions = {
  good: "({ input }) => input",
  wait: "async ({ input, log }) => { log.info('waits'); await new Promise((resolve) => setTimeout(resolve, 300)); return input; }",
  ask: "({ ask }) => ask(1)",
};

interface Hostile {
  runner: Runner;
  socket: Socket;
  ended: Promise<RunnerEnd>;
}

/** Code that broke V8 and Node, in a process as the launcher starts them. */
async function startHostile(t: TestContext): Promise<Hostile> {
  const { promise: started, resolve: onStarted } = Promise.withResolvers<Socket>();
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<RunnerEnd>();
  const runner = startRunner({ module, flags: ["--no-warnings"], priority: "usual", onStarted, onEnd });
  t.after(() => runner.kill());
  const socket = (await started).ref().resume();
  return { runner, socket, ended };
}

/** What it says unasked, when it has started, is heard or not: only the host may speak first. */
async function ask(socket: Socket, attack: Orders["attack"], host = 0): Promise<object> {
  socket.write(`${JSON.stringify({ attack, host })}\n`);
  for (let text = ""; ; ) {
    text += (await once(socket, "data"))[0];
    const answer = text.split("\n").find((line) => line.startsWith("{") && line.endsWith("}"));
    if (answer) return JSON.parse(answer);
  }
}

test("a process that gives the launcher orders, wherever it can write, is not obeyed", linux, async (t) => {
  const [hostile, other] = [await startHostile(t), await startHostile(t)];
  const launcher = launcherOf();
  // Its own output; the launcher keeps the last of it as text.
  assert.deepEqual(await ask(hostile.socket, "give the launcher orders"), { reached: [1, 2] });
  assert.ok("refused" in (await ask(other.socket, "read what it was started with")), "the other lives");
  assert.equal(launcherOf(), launcher);
  hostile.runner.kill();
  assert.match((await hostile.ended).lastWords, /"type":"kill"/);
});

test("the harness notices: on a channel that it does have, the orders arrive", async (t) => {
  const child = spawn(process.execPath, ["--no-warnings", fileURLToPath(module)], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [, , , socket, channel] = child.stdio;
  assert.ok(socket instanceof Socket && channel instanceof Socket);
  await once(socket, "data");
  const heard = once(channel, "data");
  await ask(socket, "give the launcher orders");
  assert.match(String((await heard)[0]), /"type":"kill"/);
});

test("a process cannot signal the launcher", linux, async (t) => {
  const standing = describeWalls();
  if (!standing.includes("own-account") && !standing.includes("own-processes"))
    return t.skip("This platform has no own-account or own-processes here.");
  const { socket } = await startHostile(t);
  assert.ok("refused" in (await ask(socket, "signal the host", launcherOf())));
});

test("a process that prints without end is ended, and costs nobody else anything", linux, async (t) => {
  const [hostile, other] = [await startHostile(t), await startHostile(t)];
  const launcher = launcherOf();
  hostile.socket.write(`${JSON.stringify({ attack: "print without end" })}\n`);
  const { how, lastWords } = await hostile.ended;
  assert.equal(how, "The process printed without end.");
  assert.ok(lastWords.length <= 4_096);
  assert.ok("refused" in (await ask(other.socket, "read what it was started with")));
  assert.equal(launcherOf(), launcher);
});

test(
  "when the launcher is killed while a plugin starts, another starts it, and nobody notices",
  linux,
  async (t) => {
    const plugin = openPlugin(t, actions, { isolation: "process" });
    await plugin.run("good");
    const first = launcherOf();
    // Limits of its own, so that none is there for it.
    const next = openPlugin(t, actions, { isolation: "process", limits: { heapBytes: 2 ** 28 } });
    const answer = next.run("good", { input: 1 });
    process.kill(first ?? 0, "SIGKILL");
    assert.equal(await answer, 1);
    assert.deepEqual(
      next.events.map(({ type }) => type),
      ["thread-started"],
    );
    assert.notEqual(launcherOf(), first);
  },
);

test("one whose launcher is killed again and again is not started for ever", linux, async (t) => {
  const plugin = openPlugin(t, actions, { isolation: "process", limits: { heapBytes: 2 ** 27 + 1 } });
  let isOver = false;
  const failed = plugin.fail("good").finally(() => {
    isOver = true;
  });
  await until(() => {
    const launcher = launcherOf();
    if (launcher !== undefined && !isOver) process.kill(launcher, "SIGKILL");
    return isOver;
  });
  const { code, retryable } = await failed;
  assert.deepEqual([code, retryable], ["plugin-crashed", true]);
  const [ended] = plugin.events;
  assert.ok(ended?.type === "thread-ended" && ended.reason === "not-started");
  assert.match(ended.detail ?? "", /The launcher ended: SIGKILL/);
});

test(
  "when it is killed later, no process is left, nobody is blamed, and what can run again does",
  linux,
  async (t) => {
    const plugin = openPlugin(t, actions, { isolation: "process", limits: { crashes: 2 } });
    const asked = Promise.withResolvers<void>();
    const used: Capability = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    const waits = Promise.withResolvers<void>();
    const log: Capability = async () => {
      waits.resolve();
      return null;
    };
    const withEffect = plugin.fail("ask", { tenantId: "tnt_2", capabilities: { ask: used } });
    const without = plugin.run("wait", { input: 7, capabilities: { log } });
    await Promise.all([asked.promise, waits.promise]);
    const before = runnersOf();
    process.kill(launcherOf() ?? 0, "SIGKILL");
    const { code, retryable } = await withEffect;
    assert.deepEqual([code, retryable], ["plugin-crashed", true]);
    assert.equal(await without, 7);
    const ended = plugin.events.filter((event) => event.type === "thread-ended");
    assert.deepEqual(
      ended.map(({ reason, suspects }) => [reason, suspects]),
      [["not-started", undefined]],
    );
    if (describeWalls().includes("ends-with-host")) await until(() => !before.some(isRunning));
    assert.equal(await plugin.run("good", { input: 8, tenantId: "tnt_2" }), 8);
  },
);

test(
  "a host that has too many files open says so, and starts plugins again when it has not",
  linux,
  async () => {
    const program = `
    import { closeSync, openSync } from "node:fs";
    import { openSandbox } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
    const code = "module.exports.default = { actions: { good: { run: ({ input }) => input } } };";
    // Limits of its own each, so that none is there for it.
    const run = async (input) => {
      const plugin = { id: "acme/files", version: "1.0.0", code, binary: false };
      const onEvent = ({ detail }) => detail && console.log(detail);
      const sandbox = openSandbox(plugin, { isolation: "process", onEvent, limits: { heapBytes: 2 ** 27 + input } });
      const call = { tenantId: "tnt_1", target: { kind: "action", name: "good" }, input, capabilities: {} };
      console.log(await sandbox.call(call).catch(({ code }) => code));
    };
    await run(1);
    const files = [];
    try { for (;;) files.push(openSync("/dev/null", "r")); } catch {}
    await run(2);
    for (const file of files) closeSync(file);
    await run(3);`;
    const command = ["-c", 'ulimit -n 100 && exec "$@"', "sh", process.execPath, ...process.execArgv];
    const host = spawn("/bin/sh", [...command, "--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    for await (const chunk of host.stdout) said += chunk;
    assert.match(said, /^1\n(.*this process has too many files open.*\n){2}plugin-crashed\n3\n$/);
  },
);
