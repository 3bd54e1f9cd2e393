import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { describeWalls, openSandbox, type Wall } from "../index.ts";
import { type RunnerProcess, startRunner } from "../walls/index.ts";
import { chooseLaunch, findTool } from "../walls/launch.ts";
import { childOf, killIfThere } from "../walls/processes.ts";
import type { Orders } from "./hostile-runner/runner.ts";

const module = new URL("./hostile-runner/runner.ts", import.meta.url);
const flags = ["--no-warnings"];
const MiB = 2 ** 20;
const standing = describeWalls();
const expectedWalls = standing.filter((wall) => wall !== "sealed" && wall !== "yields");

/** Each attack, the walls of which any one stops it, and whether it is tried before or after the process is sealed. */
const attacks: [Orders["attack"], Wall[], "unsealed" | "sealed"][] = [
  ["connect over TCP", ["own-network"], "unsealed"],
  ["connect to an abstract socket", ["own-network"], "unsealed"],
  ["signal the host", ["own-account", "own-processes"], "unsealed"],
  ["read the host's environment", ["own-account", "own-network"], "unsealed"],
  ["open the host's memory", ["own-account", "own-network"], "unsealed"],
  ["remove a file", ["own-account"], "unsealed"],
  ["empty a file", ["own-account"], "unsealed"],
  ["gain privileges", ["no-privileges"], "unsealed"],
  ["connect over TCP", ["sealed"], "sealed"],
  ["connect to an abstract socket", ["sealed"], "sealed"],
  ["connect to a socket in a folder", ["sealed"], "sealed"],
  ["write a file", ["sealed"], "sealed"],
  ["read a file", ["sealed"], "sealed"],
  ["open many files", ["sealed"], "sealed"],
  ["start a program", ["sealed"], "sealed"],
  ["start a thread", ["sealed"], "sealed"],
  ["take much memory", ["sealed"], "sealed"],
];

for (const [attack, walls, state] of attacks) {
  test(`code that broke V8 and Node cannot ${attack} (${state})`, async (t) => {
    if (!walls.some((wall) => standing.includes(wall)))
      return t.skip(`This platform has no ${walls.join(" or ")} here.`);
    const orders = await prepare(t, attack);
    const runner = startRunner({ module, flags });
    t.after(() => runner.kill());
    await said(runner);
    if (state === "sealed") await runner.seal(128 * MiB);
    const answer = await ask(runner, orders);
    assert.ok("refused" in answer, JSON.stringify(answer));
    assert.equal(existsSync(orders.file), false);
  });
}

test("the harness notices: without walls the same code reaches all of it", async (t) => {
  for (const attack of new Set(attacks.map(([name]) => name))) {
    const orders = await prepare(t, attack);
    const child = spawn(process.execPath, [...flags, fileURLToPath(module)], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    t.after(() => child.kill("SIGKILL"));
    const bare = { child, socket: child.stdio[3] as Socket };
    await said(bare);
    const answer = await ask(bare, orders);
    // Whoever is no root cannot be told apart from one who gave up what root has.
    if (attack !== "gain privileges") assert.ok("reached" in answer, `${attack}: ${JSON.stringify(answer)}`);
  }
});

test("such a process has nothing of the host's environment", async (t) => {
  const runner = startRunner({ module, flags });
  t.after(() => runner.kill());
  await said(runner);
  const answer = await ask(runner, await prepare(t, "read what it was started with"));
  assert.ok("refused" in answer, JSON.stringify(answer));
});

test("two processes are not of one account, and cannot signal each other", async (t) => {
  if (!standing.includes("own-account")) return t.skip("This platform has no own-account here.");
  const other = startRunner({ module, flags });
  const runner = startRunner({ module, flags });
  t.after(() => [other, runner].map(({ kill }) => kill()));
  await Promise.all([said(other), said(runner)]);
  const orders = await prepare(t, "signal the host");
  const answer = await ask(runner, { ...orders, host: other.child.pid ?? 0 });
  assert.ok("refused" in answer, JSON.stringify(answer));
});

test("an account is nobody else's as long as a process has it, however many are started meanwhile", (t) => {
  if (!standing.includes("own-account")) return t.skip("This platform has no own-account here.");
  const { begin } = chooseLaunch([]);
  const first = begin();
  const taken = new Set([first.sameAccount.join()]);
  for (let starts = 0; starts < 5_000; starts += 1) {
    const next = begin();
    assert.notEqual(next.sameAccount.join(), first.sameAccount.join());
    taken.add(next.sameAccount.join());
    next.release();
  }
  assert.ok(taken.size > 4_000, "they went round");
  first.release();
});

test("an account is free again when no process could be started", (t) => {
  if (!standing.includes("own-account")) return t.skip("This platform has no own-account here.");
  for (let starts = 0; starts < 4_400; starts += 1)
    // Nothing can be given to a program that has NUL in it.
    assert.throws(() => startRunner({ module, flags: ["\0"] }), { code: "ERR_INVALID_ARG_VALUE" });
});

test("a wall that did not stand for a moment is tried again before it is given up", (t) => {
  if (!standing.includes("own-network")) return t.skip("This platform has no own-network here.");
  const folder = mkdtempSync(join(tmpdir(), "plugboard-walls-"));
  const path = process.env.PATH;
  t.after(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });
  chmodSync(folder, 0o755);
  const [uses, unshare] = [join(folder, "uses"), join(folder, "unshare")];
  writeFileSync(uses, "");
  chmodSync(uses, 0o666);
  // Each of the two ways that have the wall fails once.
  const script = `#!/bin/sh\necho >> ${uses}\n[ $(wc -l < ${uses}) -gt 2 ] || exit 1\nexec ${findTool("unshare")} "$@"\n`;
  writeFileSync(unshare, script, { mode: 0o755 });
  process.env.PATH = `${folder}:${path}`;
  assert.deepEqual(chooseLaunch([]).walls.toSorted(), expectedWalls.toSorted());
});

test("a process that cannot be sealed is said to be, and ending it twice is nothing", async (t) => {
  if (!standing.includes("sealed")) return t.skip("This platform has no sealed here.");
  const runner = startRunner({ module, flags });
  await said(runner);
  runner.kill();
  runner.kill();
  await once(runner.child, "close");
  await assert.rejects(runner.seal(0));
  runner.kill();
});

test("the process with the code is found also where the kernel does not list children", async (t) => {
  if (process.platform !== "linux") return t.skip("This platform has no /proc.");
  const child = spawn("/bin/sh", ["-c", "sleep 60; true"]);
  t.after(() => child.kill("SIGKILL"));
  const pid = child.pid ?? 0;
  let listed: number | undefined;
  while (listed === undefined) {
    listed = childOf(pid);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.after(() => killIfThere(listed));
  assert.equal(childOf(pid, "/proc/no-such-list"), listed);
});

test("a process that does not listen any more still ends when its host is killed", async (t) => {
  if (!standing.includes("ends-with-host")) return t.skip("This platform has no ends-with-host here.");
  const program = `
    import { readFileSync } from "node:fs";
    import { startRunner } from ${JSON.stringify(new URL("../walls/index.ts", import.meta.url).href)};
    const { child, socket } = startRunner({ module: new URL(${JSON.stringify(module.href)}), flags: [] });
    socket.once("data", () => {
      const inner = readFileSync("/proc/" + child.pid + "/task/" + child.pid + "/children", "utf8").split(" ")[0];
      console.log((inner || child.pid) + ".");
    });`;
  const host = spawn(process.execPath, [...process.execArgv, "--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => host.kill("SIGKILL"));
  const [line] = await once(host.stdout, "data");
  const pid = Number.parseInt(String(line), 10);
  assert.equal(isRunning(pid), true);
  host.kill("SIGKILL");
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
});

test("a plugin that needs much of what it may have gets it behind the walls too", async (t) => {
  const code = `module.exports.default = { actions: { grow: { run({ input }) {
    const heap = Array.from({ length: input.heap }, (_, i) => new Array(131072).fill(i));
    const buffers = Array.from({ length: input.buffers }, () => new Uint8Array(1048576).fill(1));
    return heap.length + buffers.length;
  } } } };`;
  const plugin = { id: "acme/large", version: "1.0.0", code, binary: true };
  const limits = { heapBytes: 256 * MiB, externalBytes: 128 * MiB };
  const sandbox = openSandbox(plugin, { isolation: "process", limits });
  t.after(() => sandbox.close({ graceMs: 0 }));
  const input = { heap: 200, buffers: 100 };
  const target = { kind: "action", name: "grow" } as const;
  assert.equal(await sandbox.call({ tenantId: "tnt_1", target, input, capabilities: {} }), 300);
});

test("as an ordinary user, all of this holds too", (t) => {
  if (process.getuid?.() !== 0) return t.skip("It is an ordinary user who runs this.");
  const nobody = { uid: 65_534, gid: 65_534 };
  const file = fileURLToPath(import.meta.url);
  const canRead = spawnSync(process.execPath, ["--check", file], { ...nobody, cwd: "/" });
  if (canRead.status !== 0) return t.skip("An ordinary user cannot read this checkout.");
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = [...process.execArgv, "--test", file];
  const { status, stdout } = spawnSync(process.execPath, args, {
    ...nobody,
    cwd: "/",
    env,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout.slice(-5000));
  assert.match(stdout, /pass [1-9]/);
});

type Runner = Pick<RunnerProcess, "child" | "socket">;

/** The next line of it. */
async function said({ socket }: Runner): Promise<object> {
  let text = "";
  while (!text.includes("\n")) text += (await once(socket, "data"))[0];
  return JSON.parse(text);
}

async function ask(runner: Runner, orders: Orders): Promise<object> {
  runner.socket.write(`${JSON.stringify(orders)}\n`);
  // It may also end it.
  const ended = once(runner.child, "exit").then(([code, signal]) => ({
    refused: `ended: ${code ?? signal}`,
  }));
  return Promise.race([said(runner), ended]);
}

/** Something for each attack to reach. */
async function prepare(t: TestContext, attack: Orders["attack"]): Promise<Orders> {
  const folder = mkdtempSync(join(tmpdir(), "plugboard-walls-"));
  chmodSync(folder, 0o777);
  const own = join(folder, "own");
  mkdirSync(own, { mode: 0o700 });
  const kept = join(own, "kept");
  writeFileSync(kept, "kept");
  const abstract = `plugboard-walls-${process.pid}-${Math.random()}`;
  const path = join(folder, "socket");
  const servers = [createServer(), createServer(), createServer()] as const;
  t.after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });
  const [tcp, named, inFolder] = servers;
  for (const server of servers) server.on("connection", (socket) => socket.on("error", () => {}).destroy());
  tcp.listen(0, "127.0.0.1");
  named.listen({ path: `\0${abstract}` });
  inFolder.listen({ path, writableAll: true, readableAll: true });
  await Promise.all(servers.map((server) => server.listening || once(server, "listening")));
  const { port } = tcp.address() as AddressInfo;
  return { attack, port, abstract, path, file: join(folder, "written"), kept, host: process.pid };
}

/** A process that has ended and was not waited for yet runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
