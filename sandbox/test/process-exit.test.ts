import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { describeWalls } from "../index.ts";
import { familyOf, isRunning, launcherOf, until } from "./launched.ts";

const code =
  "module.exports.default = { actions: { hello: { run: () => 'hello' }, spin: { run: () => { for (;;) new Array(1000).fill(0); } } } };";
const program = (isolation: string, rest: string) => `
  import { openSandbox } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
  const plugin = { id: "acme/exit", version: "1.0.0", code: ${JSON.stringify(code)}, binary: false };
  const sandbox = openSandbox(plugin, { isolation: ${JSON.stringify(isolation)}, limits: { blockMs: 60_000 } });
  const call = (name) => sandbox.call({ tenantId: "tnt_1", target: { kind: "action", name }, input: null, capabilities: {} });
  console.log(await call("hello"));
  ${rest}`;

const start = (source: string) =>
  spawn(process.execPath, [...process.execArgv, "--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });

for (const isolation of ["thread", "process"]) {
  test(`an open sandbox does not keep its host from exiting (${isolation})`, async () => {
    const child = start(program(isolation, ""));
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
}

const spinOn = `call("spin");
  const { cpuMs } = sandbox.stats();
  while (sandbox.stats().cpuMs < cpuMs + 100) await new Promise((resolve) => setTimeout(resolve, 10));
  console.log("spins");
  setInterval(() => {}, 1000);`;

/** Finds the programs that put up the walls of the operating system, or does not. */
const prepared = (walls: boolean) =>
  walls
    ? ""
    : `import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
  fs.accessSync = () => { throw new Error("There is no such tool."); };
  syncBuiltinESMExports();`;

const endings: [how: string, walls: boolean, stop: boolean][] = [
  ["with walls", true, false],
  ["without walls", false, false],
  ["with walls, and its launcher does not run any more", true, true],
];
for (const [how, walls, stop] of endings)
  test(`a host that is killed leaves no process behind, though a plugin spins (${how})`, async (t) => {
    if (process.platform !== "linux") return t.skip("This platform has no /proc.");
    if (stop && !describeWalls().includes("ends-with-host"))
      return t.skip("This platform has no ends-with-host here.");
    const source = program("process", spinOn);
    const later = source
      .replace("import { openSandbox } from", "const { openSandbox } = await import(")
      .replace(";", ");");
    const host = start(`${prepared(walls)}\n${later}`);
    let output = "";
    for await (const chunk of host.stdout) {
      output += chunk;
      if (output.includes("spins")) break;
    }
    const family = familyOf(host.pid ?? 0);
    const launcher = launcherOf(host.pid);
    assert.ok(launcher !== undefined && family.length >= 2);
    if (stop) process.kill(launcher, "SIGSTOP");
    host.kill("SIGKILL");
    await until(() => !family.some(isRunning));
  });
