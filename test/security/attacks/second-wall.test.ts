/**
 * The second wall alone: code that is out of its compartment, in a thread with frozen nothing, tries what Node could do
 * for it. Its flags refuse most of it; the rest goes with the module loader and what the process object can do.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Isolation, type Json, openSandbox, type Sandbox } from "@plugboard/sandbox";
import { attemptOf, powers } from "./payloads/powers.ts";
import { weakenedWorker } from "./support/weakened.ts";

const folder = mkdtempSync(join(tmpdir(), "plugboard-powers-"));
const server = createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\n\r\n")).listen(
  0,
);
const local = createServer((socket) => socket.on("error", () => {}).end()).listen(join(folder, "socket"));
after(() => {
  server.close();
  local.close();
  rmSync(folder, { recursive: true });
});

const inputOf = (what: string): Json => ({
  port: (server.address() as AddressInfo).port,
  socket: join(folder, "socket"),
  file: join(folder, what.replaceAll("/", "-")),
  folder: join(folder, "made"),
  pid: process.pid,
  workingDirectory: process.cwd(),
  readable: fileURLToPath(new URL("../../../sandbox/worker", import.meta.url)),
});

const actions = Object.entries(powers).map(
  ([what, power]) => `${JSON.stringify(what)}: { run: ${attemptOf(power)} }`,
);
const code = `module.exports.default = { actions: { ${actions.join(",\n")} } };`;

const open = (left: "no-compartment" | "flags-alone", isolation: Isolation): Sandbox =>
  openSandbox(
    { id: `acme/${left}`, version: "1.0.0", code, binary: true },
    { isolation, workerUrl: weakenedWorker(left), limits: { crashes: 1_000 } },
  );
const attempt = (sandbox: Sandbox, what: string): Promise<Json> =>
  sandbox.call({
    tenantId: "tnt_1",
    target: { kind: "action", name: what },
    input: inputOf(what),
    capabilities: {},
    deadlineMs: 60_000,
  });

for (const isolation of ["thread", "process"] as const)
  describe(`without its compartment, code in a ${isolation} still cannot`, () => {
    let sandbox: Sandbox;
    before(() => {
      sandbox = open("no-compartment", isolation);
    });
    after(() => sandbox.close({ graceMs: 0 }));
    for (const what of Object.keys(powers))
      test(what, async () => {
        const output = await attempt(sandbox, what);
        assert.ok(output === "nothing" || isRefusal(output), JSON.stringify(output));
        assert.equal(existsSync(join(folder, what.replaceAll("/", "-"))), false);
      });
  });

describe("Node's permission flags alone refuse to", () => {
  let sandbox: Sandbox;
  before(() => {
    sandbox = open("flags-alone", "thread");
  });
  after(() => sandbox.close({ graceMs: 0 }));
  for (const [what, { flags }] of Object.entries(powers))
    if (flags !== undefined)
      test(what, async () => {
        const output = await attempt(sandbox, what);
        assert.deepEqual(output, flags === "nothing" ? "nothing" : { refused: flags });
      });
});

describe("the harness notices: in an ordinary thread the same code can", () => {
  for (const [what, power] of Object.entries(powers))
    if (power.notInAThread === undefined)
      test(what, async (t) => {
        const input = JSON.stringify(inputOf(what));
        const run = `const realProcess = process; (${attemptOf(power)})({ input: ${input} }).then((output) => require("node:worker_threads").parentPort.postMessage({ output }))`;
        const worker = new Worker(run, {
          eval: true,
          stderr: true,
          execArgv: ["--experimental-ffi", "--no-warnings"],
        });
        t.after(() => worker.terminate());
        const output = await new Promise<unknown>((resolve) => {
          worker.on("message", (message: { output?: unknown }) => {
            if (message.output !== undefined) resolve(message.output);
          });
        });
        assert.ok(
          typeof output === "object" && output !== null && "reached" in output,
          JSON.stringify(output),
        );
      });
});

const isRefusal = (output: Json): boolean =>
  typeof output === "object" && output !== null && !Array.isArray(output) && "refused" in output;
