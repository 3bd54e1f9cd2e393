import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

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

/** Tells of the process that it starts, which has the walls of the operating system or has not. */
const prepared = (walls: boolean) => `
  import childProcess from "node:child_process"; import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
  const { spawn } = childProcess;
  childProcess.spawn = (...all) => { const child = spawn(...all); console.log(child.pid); return child; };
  ${walls ? "" : 'fs.accessSync = () => { throw new Error("There is no such tool."); };'}
  syncBuiltinESMExports();
`;

for (const walls of [true, false])
  test(`a host that is killed leaves no process behind, though it spins (${walls ? "with" : "without"} walls)`, async () => {
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
    const runner = Number.parseInt(output, 10);
    assert.equal(isAlive(runner), true);
    host.kill("SIGKILL");
    while (isAlive(runner)) await new Promise((resolve) => setTimeout(resolve, 10));
  });

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
