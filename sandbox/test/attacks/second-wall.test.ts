import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { openPlugin } from "../open-plugin.ts";

const workerUrl = new URL("../no-compartment/worker.ts", import.meta.url);

/** Code that works outside of a sandbox, and what it gives there. It runs with neither compartment nor lockdown. */
const powers = {
  "read a file": `(await load("node:fs")).readFileSync("/etc/passwd", "utf8")`,
  "see that a file exists": `(await load("node:fs")).statSync("/etc/passwd").size`,
  "write a file": `(await load("node:fs")).writeFileSync(input.file, "x") ?? "written"`,
  "make a database file": `new (await load("node:sqlite")).DatabaseSync(input.file) && "made"`,
  "connect a socket": `await new Promise((resolve, reject) => load("node:net").then((net) => net.connect(input.port, "127.0.0.1").on("connect", () => resolve("connected")).on("error", reject)).catch(reject))`,
  "listen on a socket": `await new Promise((resolve, reject) => load("node:net").then((net) => net.createServer().on("error", reject).listen(0, () => resolve("listening"))).catch(reject))`,
  "send a datagram": `await new Promise((resolve, reject) => load("node:dgram").then((dgram) => dgram.createSocket("udp4").on("error", reject).send("x", 9, "127.0.0.1", (error) => error ? reject(error) : resolve("sent"))).catch(reject))`,
  "look a name up": `(await (await load("node:dns/promises")).lookup("localhost")).address`,
  fetch: `(await fetch("http://127.0.0.1:" + input.port)).status`,
  "start a process": `(await load("node:child_process")).execSync("id").toString()`,
  "start a thread": `new (await load("node:worker_threads")).Worker("1", { eval: true }) && "started"`,
  "write to the host's channel": `(await load("node:worker_threads")).parentPort.postMessage("forged") ?? "posted"`,
  "start a WASI program": `new (await load("node:wasi")).WASI({ version: "preview1" }) && "started"`,
  "open the inspector": `(await load("node:inspector")).open(0) ?? "opened"`,
  "debug the main thread": `new (await load("node:inspector")).Session().connectToMainThread() ?? "connected"`,
  "load native code": `(await load("node:ffi")).dlopen("libc.so.6", {}) && "loaded"`,
  "load an addon": `realProcess.dlopen({ exports: {} }, "/lib/x.node") ?? "loaded"`,
  "reach Node's bindings": `Object.keys(realProcess.binding("fs")).length`,
  "get a built-in module": `realProcess.getBuiltinModule("node:fs") && "got"`,
  "read its environment": `JSON.stringify(realProcess.env) !== "{}" && realProcess.env`,
  "read the host's environment": `realProcess.report.getReport().environmentVariables`,
  "read an env file": `realProcess.loadEnvFile("/etc/os-release") ?? "read"`,
  "signal the host": `realProcess.kill(realProcess.pid ?? input.pid, 0)`,
  "change V8's flags": `(await load("node:v8")).setFlagsFromString("--stack-size=900") ?? "changed"`,
  "know the user": `(await load("node:os")).userInfo().username`,
};

/** `load` tries every way there is to a module. */
const attackOf = (power: string) => `async ({ input }) => {
  const load = async (name) => {
    try { return await import(name); } catch {}
    try { return await (async () => {}).constructor("name", "return import(name)")(name); } catch {}
    try { return realProcess.getBuiltinModule(name); } catch {}
    return (realProcess.mainModule?.require ?? require)(name);
  };
  try {
    const reached = ${power};
    return reached === undefined || reached === false ? "nothing" : { reached };
  } catch (error) { return { refused: error.code ?? "without a code" }; }
}`;

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null;

for (const [what, power] of Object.entries(powers)) {
  test(`without its compartment, a thread still cannot ${what}`, async (t) => {
    // The other end is cut off when its thread is ended.
    const server = createServer((socket) =>
      socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\n\r\n"),
    ).listen(0);
    t.after(() => server.close());
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const file = `/tmp/plugboard-second-wall-${process.pid}`;
    const plugin = openPlugin(t, { attack: attackOf(power) }, { workerUrl });
    const output = await plugin.run("attack", { input: { port, file, pid: process.pid } });
    assert.ok(output === "nothing" || (isRecord(output) && "refused" in output), JSON.stringify(output));
    assert.equal(existsSync(file), false);
  });
}

/** By themselves the flags refuse these; what they let through is why worker/scuttle.ts exists. */
const refusedByFlags = {
  ...{
    "read a file": "ERR_ACCESS_DENIED",
    "write a file": "ERR_ACCESS_DENIED",
    "connect a socket": "ERR_ACCESS_DENIED",
  },
  ...{ "listen on a socket": "ERR_ACCESS_DENIED", "send a datagram": "ERR_ACCESS_DENIED" },
  ...{
    "look a name up": "ERR_ACCESS_DENIED",
    "start a process": "ERR_ACCESS_DENIED",
    "start a thread": "ERR_ACCESS_DENIED",
  },
  ...{ "start a WASI program": "ERR_ACCESS_DENIED", "open the inspector": "ERR_ACCESS_DENIED" },
  ...{ "debug the main thread": "ERR_ACCESS_DENIED", "load native code": "ERR_ACCESS_DENIED" },
  ...{ "reach Node's bindings": "ERR_ACCESS_DENIED", "load an addon": "ERR_DLOPEN_DISABLED" },
} as const;

test("the permission flags alone refuse files, sockets, processes, threads and native code", async (t) => {
  const entries = Object.keys(refusedByFlags) as (keyof typeof refusedByFlags)[];
  const actions = Object.fromEntries(entries.map((what) => [what, attackOf(powers[what])]));
  const plugin = openPlugin(t, actions, { workerUrl, id: "acme/bare" });
  for (const what of entries) {
    const output = await plugin.run(what, { input: { port: 1, file: "/tmp/plugboard-none" } });
    assert.deepEqual(output, { refused: refusedByFlags[what] }, what);
  }
});

test("the harness notices: in an ordinary thread the same code reaches all of it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plugboard-powers-"));
  // The other end is cut off when its thread is ended.
  const server = createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\n\r\n")).listen(
    0,
  );
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  const unloadable = ["load an addon", "read its environment", "read an env file"];
  for (const [what, power] of Object.entries(powers)) {
    if (unloadable.includes(what)) continue;
    const input = JSON.stringify({ port, file: join(folder, what), pid: process.pid });
    const code = `const realProcess = process; (${attackOf(power)})({ input: ${input} }).then((output) => require("node:worker_threads").parentPort.postMessage({ output }))`;
    const worker = new Worker(code, { eval: true, stderr: true, execArgv: ["--experimental-ffi"] });
    const found = await new Promise<unknown>((resolve) => {
      worker.on(
        "message",
        (message: { output?: unknown }) => message.output !== undefined && resolve(message.output),
      );
    });
    await worker.terminate();
    assert.ok(
      typeof found === "object" && found !== null && "reached" in found,
      `${what}: ${JSON.stringify(found)}`,
    );
  }
});
