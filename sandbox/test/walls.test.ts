import assert from "node:assert/strict";
import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { describeWalls, openSandbox, type Wall } from "../index.ts";
import { startRunner } from "../walls/index.ts";
import type { Orders } from "./hostile-runner/runner.ts";

const module = new URL("./hostile-runner/runner.ts", import.meta.url);
const MiB = 2 ** 20;
const standing = describeWalls();

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
    const runner = startRunner({ module, flags: ["--no-warnings"], serialization: "json", stdio: quiet });
    t.after(() => runner.kill());
    await once(runner.child, "message");
    if (state === "sealed") await runner.seal(128 * MiB);
    const answer = await ask(runner.child, orders);
    assert.ok("refused" in answer, JSON.stringify(answer));
    assert.equal(existsSync(orders.file), false);
  });
}

test("the harness notices: without walls the same code reaches all of it", async (t) => {
  for (const attack of new Set(attacks.map(([name]) => name))) {
    const orders = await prepare(t, attack);
    const child = fork(module, { execArgv: ["--no-warnings"], serialization: "json", stdio: quiet });
    t.after(() => child.kill("SIGKILL"));
    await once(child, "message");
    const answer = await ask(child, orders);
    // Whoever is no root cannot be told apart from one who gave up what root has.
    if (attack !== "gain privileges") assert.ok("reached" in answer, `${attack}: ${JSON.stringify(answer)}`);
  }
});

test("such a process has nothing of the host's environment", async (t) => {
  const runner = startRunner({ module, flags: ["--no-warnings"], serialization: "json", stdio: quiet });
  t.after(() => runner.kill());
  await once(runner.child, "message");
  const answer = await ask(runner.child, await prepare(t, "read what it was started with"));
  assert.ok("refused" in answer, JSON.stringify(answer));
});

test("two processes are not of one account, and cannot signal each other", async (t) => {
  if (!standing.includes("own-account")) return t.skip("This platform has no own-account here.");
  const other = startRunner({ module, flags: ["--no-warnings"], serialization: "json", stdio: quiet });
  const runner = startRunner({ module, flags: ["--no-warnings"], serialization: "json", stdio: quiet });
  t.after(() => [other, runner].map(({ kill }) => kill()));
  await Promise.all([once(other.child, "message"), once(runner.child, "message")]);
  const orders = await prepare(t, "signal the host");
  const answer = await ask(runner.child, { ...orders, host: other.child.pid ?? 0 });
  assert.ok("refused" in answer, JSON.stringify(answer));
});

test("a process that does not listen any more still ends when its host is killed", async (t) => {
  if (!standing.includes("ends-with-host")) return t.skip("This platform has no ends-with-host here.");
  const program = `
    import { readFileSync } from "node:fs";
    import { startRunner } from ${JSON.stringify(new URL("../walls/index.ts", import.meta.url).href)};
    const { child } = startRunner({ module: new URL(${JSON.stringify(module.href)}), flags: [], serialization: "json", stdio: ["ignore", "ignore", "ignore", "ipc"] });
    child.on("message", () => {
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

const quiet = ["ignore", "ignore", "ignore", "ipc"] as ("ignore" | "ipc")[];

async function ask(child: ChildProcess, orders: Orders): Promise<object> {
  child.send(orders);
  const answer = once(child, "message").then(([message]) => message as object);
  // It may also end it.
  const ended = once(child, "exit").then(([code, signal]) => ({ refused: `ended: ${code ?? signal}` }));
  return Promise.race([answer, ended]);
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
