/**
 * Forging the protocol. Inside a compartment there is no port; a thread that is the attacker's altogether has one, and
 * says what it likes. The host ends such a thread, or takes no notice, and nobody else is the worse for it.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  type Capability,
  type Json,
  openSandbox,
  type Payload,
  type Sandbox,
  SandboxError,
} from "@plugboard/sandbox";

const workerUrl = new URL("./support/hostile-worker.ts", import.meta.url);
const right = `answer({ ok: true, output: '"right"' });`;
const use = `{ type: "use", call, use: 1, name: "fetch", argument: { text: "1", bytes: [] } }`;

/** Each is no message of the protocol, or more of them than a call may send: it ends the thread. */
const breaches: { [what: string]: string } = {
  "a result that is none": `answer("not a result");`,
  "a result of undefined": `answer(undefined);`,
  "a result that claims success without output": `answer({ ok: true });`,
  "a result whose output is an object": `answer({ ok: true, output: { a: 1 } });`,
  "a failure of an unknown kind": `answer({ ok: false, failure: "constructor", thrown: { message: "x" } });`,
  "a failure without what was thrown": `answer({ ok: false, failure: "failed" });`,
  "a failure that was thrown by an object": `answer({ ok: false, failure: "failed", thrown: { message: { toString: 1 } } });`,
  "a result with inherited success": `answer({ __proto__: { ok: true, output: "1" } });`,
  "a result of a call that never was": `port.postMessage([{ type: "result", call: 999, result: { ok: true, output: "1" } }]);`,
  "a result of a call by another type": `port.postMessage([{ type: "result", call: String(call), result: { ok: true, output: "1" } }]);`,
  "a result of a call that arithmetic takes for none": `port.postMessage([{ type: "result", call: BigInt(call), result: { ok: true, output: "1" } }]);`,
  "a message of no kind": `port.postMessage([{ type: "nonsense", call }]);`,
  "a message that is text": `port.postMessage(["text"]);`,
  "a message that is null": `port.postMessage([null]);`,
  "a batch that is no array": `port.postMessage({ length: 1, 0: "x" });`,
  "a batch that is null": `port.postMessage(null);`,
  "an empty batch": `port.postMessage([]);`,
  "being ready again": `port.postMessage([{ type: "ready" }]);`,
  "accounts that were saved up": `for (let i = 0; i < 20; i++) port.postMessage([{ type: "spent", tenants: [], calls: [] }]);`,
  "a batch of holes": `const batch = []; batch.length = 4294967295; port.postMessage(batch);`,
  "a batch with a port in it": `const { port1 } = new MessageChannel(); port.postMessage([{ type: "log", call, line: port1 }], [port1]);`,
  "a cyclic message": `const message = { type: "nonsense", call }; message.self = message; port.postMessage([message]);`,
  "a message nested very deep": `let deep = {}; for (let i = 0; i < 1000; i++) deep = { deep }; port.postMessage([deep]);`,
  "a map in place of a message": `port.postMessage([new Map([["type", "log"], ["call", call]])]);`,
  "a call by another type": `port.postMessage([{ ...${use}, call: String(call) }]);`,
  "a call that is not whole": `port.postMessage([{ ...${use}, call: call + 0.5 }]);`,
  "a use without a number": `port.postMessage([{ ...${use}, use: undefined }]);`,
  "a use whose name is no text": `port.postMessage([{ ...${use}, name: ["fetch"] }]);`,
  "a use whose argument is an object": `port.postMessage([{ ...${use}, argument: { a: 1 } }]);`,
  "a use whose bytes are not bytes": `port.postMessage([{ ...${use}, argument: { text: "1", bytes: [{}] } }]);`,
  "a use whose bytes are holes": `const bytes = []; bytes.length = 4294967295; port.postMessage([{ ...${use}, argument: { text: "1", bytes } }]);`,
  "the same use twice": `port.postMessage([${use}, ${use}]);`,
  "a thousand uses at once": `port.postMessage(Array.from({ length: 1000 }, (_, use) => ({ ...${use}, use })));`,
  "giving up what was never begun": `port.postMessage([{ type: "cancel", call, use: 1 }]);`,
  "messages without end about calls that are over": `port.postMessage(Array(11000).fill({ type: "cancel", call: 99, use: 1 }));`,
  "log lines without end": `port.postMessage(Array(5000).fill({ type: "log", call, line: '{"level":"info","message":"x"}' }));`,
};

/** Each has the shape of a message, and does nothing that the call may not. The call then answers right. */
const idle: { [what: string]: string } = {
  "the number of another call on the board": `board[0] = 12345; ${right}`,
  "a use for a call that is not on it": `port.postMessage([0, -1, call + 1, 99].map((other) => ({ ...${use}, call: other }))); ${right}`,
  "a log line that is not JSON": `port.postMessage([{ type: "log", call, line: "{" }]); ${right}`,
  "its result a second time": `${right} ${right}`,
};

/** Results that have the right shape and bad content. */
const bombs: { [what: string]: string } = {
  "text that is not JSON": `answer({ ok: true, output: "{" });`,
  "a value nested very deep": `answer({ ok: true, output: "[".repeat(1e6) + "]".repeat(1e6) });`,
  "an output that is too large": `answer({ ok: true, output: '"' + "x".repeat(5 * 2 ** 20) + '"' });`,
};

const write = 'const { writeSync } = process.getBuiltinModule("node:fs");';
/** Answers first, so that no call is in flight any more. */
const pourLater = `${write} ${right} setTimeout(() => { const much = Buffer.alloc(65536, 32); for (let i = 0; i < 64; i++) try { writeSync(3, much); } catch { i--; } }, 50);`;
const say = (line: string) =>
  `${write} writeSync(3, ${JSON.stringify(`${line}\n`)}); await new Promise(() => {});`;
const pour = (fd: number) =>
  `${write} const much = Buffer.alloc(65536, 120); for (;;) try { writeSync(${fd}, much); } catch {}`;

/** Said on the socket between the process and the host, by code that has got as far as there. */
const lines: { [what: string]: string } = {
  "a line that is no JSON": say("{oops"),
  "a message of Node's own protocol": say('{"cmd":"NODE_HANDLE_ACK"}'),
  "a file of Node's own protocol": say('{"cmd":"NODE_HANDLE","type":"net.Socket"}'),
  "a line that is null": say("null"),
  "a line nested very deep": say(`${"[".repeat(20_000)}${"]".repeat(20_000)}`),
  "its own figures, unasked": say(
    `{"type":"vitals","vitals":{"heapBytes":0,"externalBytes":0,"cpuMs":0,"call":1},"beat":1}\n`.repeat(10),
  ),
  "figures that are none": say(
    `{"type":"vitals","vitals":{"heapBytes":0,"externalBytes":0,"cpuMs":1e999,"call":1},"beat":1}`,
  ),
  "output that is empty": say('{"type":"output","stream":"stdout","text":""}'),
  "more output than it may pass on": say(
    `{"type":"output","stream":"stdout","text":"${"x".repeat(16_384)}"}\n`.repeat(5),
  ),
  "a line without end": pour(3),
  "output without end": pour(1),
  "last words without end": pour(2),
};

for (const isolation of ["thread", "process"] as const)
  describe(`a hostile thread, isolation "${isolation}":`, () => {
    let sandbox: Sandbox;
    /** For what must end nothing: what an earlier test began may end the other's thread at any time. */
    let quiet: Sandbox;
    before(() => {
      [sandbox, quiet] = [open(isolation), open(isolation)];
    });
    after(() => Promise.all([sandbox, quiet].map((each) => each.close({ graceMs: 0 }))));

    for (const [what, code] of Object.entries(breaches))
      test(`${what} ends the thread, and nothing else`, async () => {
        const { crashes } = sandbox.stats();
        const outcome = await run(sandbox, code);
        assert.ok(outcome instanceof SandboxError, `It was answered: ${JSON.stringify(outcome)}`);
        assert.ok(sandbox.stats().crashes > crashes);
        assert.equal(await run(sandbox, right, "tnt_good"), "right");
      });

    if (isolation === "process")
      for (const [what, code] of Object.entries(lines))
        test(`${what} ends the process, and nothing else`, async () => {
          const outcome = await run(sandbox, code);
          assert.ok(outcome instanceof SandboxError, `It was answered: ${JSON.stringify(outcome)}`);
          assert.equal(outcome.code, "plugin-crashed");
          assert.equal(await run(sandbox, right, "tnt_good"), "right");
        });

    if (isolation === "process")
      test("a process that goes on when it has no call is ended, before any line of its is too long", async () => {
        const { crashes } = sandbox.stats();
        assert.equal(await run(sandbox, pourLater), "right");
        while (sandbox.stats().crashes === crashes) await new Promise((resolve) => setTimeout(resolve, 10));
        assert.equal(await run(sandbox, right, "tnt_good"), "right");
      });

    test("a thread that does not answer the end of a call is ended itself", async () => {
      const { crashes } = sandbox.stats();
      const controller = new AbortController();
      const call = run(sandbox, "await new Promise(() => {});", "tnt_bad", {}, controller.signal);
      assert.equal(await run(sandbox, right, "tnt_good"), "right");
      controller.abort();
      assert.ok((await call) instanceof SandboxError);
      while (sandbox.stats().crashes === crashes) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(await run(sandbox, right, "tnt_good"), "right");
    });

    for (const [what, code] of Object.entries(idle))
      test(`${what} is taken no notice of`, async () => {
        const used: Payload[] = [];
        const fetch: Capability = async (argument) => {
          used.push(argument);
          return null;
        };
        assert.equal(await run(sandbox, code, "tnt_bad", { fetch, log: async () => null }), "right");
        assert.deepEqual(used, []);
      });

    for (const [what, code] of Object.entries(bombs))
      test(`${what} is refused by the host too`, async () => {
        const outcome = await run(quiet, code);
        assert.ok(
          outcome instanceof SandboxError && outcome.code.startsWith("plugin-output-"),
          String(outcome),
        );
        assert.equal(quiet.stats().crashes, 0);
      });

    test("a thread cannot use what its call was not given, nor names that every object has", async () => {
      for (const name of ["storage.get", "constructor", "__proto__", "toString", "log"]) {
        const code = `const { ok, error } = await use({ name: "${name}" }); answer({ ok: true, output: JSON.stringify([ok, error?.code]) });`;
        assert.deepEqual(await run(sandbox, code, "tnt_bad", { log: async () => null }), [
          false,
          "capability-not-granted",
        ]);
      }
    });

    test("what a call is given ends with it", async () => {
      const used: Payload[] = [];
      const fetch: Capability = async (argument) => {
        used.push(argument);
        return null;
      };
      assert.equal(await run(sandbox, `globalThis.first = call; ${right}`, "tnt_a", { fetch }), "right");
      const late = `port.postMessage([{ ...${use}, call: globalThis.first }]); ${right}`;
      assert.equal(await run(sandbox, late, "tnt_b"), "right");
      assert.deepEqual(used, []);
    });
  });

const open = (isolation: "thread" | "process"): Sandbox =>
  openSandbox(
    { id: "acme/hostile", version: "1.0.0", code: "", binary: false },
    { isolation, workerUrl, limits: { crashes: 1_000 } },
  );

const never: Capability = () => new Promise(() => {});

const run = (
  sandbox: Sandbox,
  code: string,
  tenantId = "tnt_bad",
  capabilities: { [name: string]: Capability } = { fetch: never, log: async () => null },
  signal?: AbortSignal,
): Promise<Json | SandboxError> =>
  sandbox
    .call({
      tenantId,
      target: { kind: "action", name: "obey" },
      input: code,
      capabilities,
      // What ends is ended for what it does, and not because a busy machine has started its process late.
      deadlineMs: 120_000,
      ...(signal && { signal }),
    })
    .catch((error: unknown) => {
      if (error instanceof SandboxError) return error;
      throw error;
    });
