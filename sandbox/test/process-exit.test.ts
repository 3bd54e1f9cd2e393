import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

const code =
  "module.exports.default = { actions: { hello: { run: () => 'hello' }, wait: { run: () => new Promise(() => {}) } } };";
const program = (isolation: string, rest: string) => `
  import { openSandbox } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
  const plugin = { id: "acme/exit", version: "1.0.0", code: ${JSON.stringify(code)}, binary: false };
  const sandbox = openSandbox(plugin, { isolation: ${JSON.stringify(isolation)} });
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

test("a host that is killed leaves no process behind", async () => {
  const source = program("process", 'call("wait"); setInterval(() => {}, 1000);');
  const tell = `import childProcess from "node:child_process"; import { syncBuiltinESMExports } from "node:module";
    const { spawn } = childProcess;
    childProcess.spawn = (...all) => { const child = spawn(...all); console.log(child.pid); return child; };
    syncBuiltinESMExports();`;
  const host = start(
    `${tell}\n${source.replace("import { openSandbox } from", "const { openSandbox } = await import(").replace(";", ");")}`,
  );
  let output = "";
  for await (const chunk of host.stdout) {
    output += chunk;
    if (output.includes("hello")) break;
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
