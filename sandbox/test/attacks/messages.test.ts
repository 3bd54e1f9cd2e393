import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capability, Payload } from "../../index.ts";
import { openPlugin } from "../open-plugin.ts";

/** A thread that is the attacker's altogether: it speaks the protocol as it likes. */
const workerUrl = new URL("../hostile-thread/worker.ts", import.meta.url);

const forged = {
  "a result that is none": { answer: "not a result" },
  "a result of undefined": { answer: undefined },
  "a result that claims success without output": { answer: { ok: true } },
  "a result whose output is an object": { answer: { ok: true, output: { a: 1 } } },
  "a failure of an unknown kind": {
    answer: { ok: false, failure: "constructor", thrown: { message: "x" } },
  },
  "a failure without what was thrown": { answer: { ok: false, failure: "failed" } },
  "a message of no kind": { post: [{ type: "nonsense", call: 1 }] },
  "a message that is text": { post: ["text"] },
  "a message that is null": { post: [null] },
  "a use without a number": {
    post: [{ type: "use", call: 1, name: "fetch", argument: { text: "1", bytes: [] } }],
  },
  "a use whose argument is an object": {
    post: [{ type: "use", call: 1, use: 1, name: "fetch", argument: { a: 1 } }],
  },
  "a use whose bytes are not bytes": {
    post: [{ type: "use", call: 1, use: 1, name: "fetch", argument: { text: "1", bytes: [1] } }],
  },
  "the same use twice": {
    post: Array(2).fill({ type: "use", call: 1, use: 1, name: "fetch", argument: { text: "1", bytes: [] } }),
  },
  "a thousand uses at once": {
    post: Array.from({ length: 1000 }, (_, use) => ({
      type: "use",
      call: 1,
      use,
      name: "fetch",
      argument: { text: "1", bytes: [] },
    })),
  },
  "giving up what was never begun": { post: [{ type: "cancel", call: 1, use: 1 }] },
  "messages without end about calls that are over": {
    post: Array(11_000).fill({ type: "cancel", call: 99, use: 1 }),
  },
  "log lines without end": {
    post: Array(5000).fill({ type: "log", call: 1, line: '{"level":"info","message":"x"}' }),
  },
};

for (const [what, input] of Object.entries(forged)) {
  test(`${what} ends the thread, and nothing else`, async (t) => {
    const plugin = openPlugin(t, {}, { workerUrl });
    const fetch: Capability = () => new Promise(() => {});
    const log: Capability = async () => null;
    const error = await plugin.fail("forge", { input: input as never, capabilities: { fetch, log } });
    assert.equal(error.code, "plugin-crashed");
    assert.equal(plugin.sandbox.stats().crashes, 1);
    assert.equal(await plugin.run("forge", { input: { answer: { ok: true, output: "1" } } as never }), 1);
  });
}

test("a thread cannot use what a call was not given, nor names that every object has", async (t) => {
  const plugin = openPlugin(t, {}, { workerUrl });
  for (const name of ["storage", "constructor", "__proto__", "toString", "log"]) {
    const reply = await plugin.run("use", { input: { use: name }, capabilities: { log: async () => null } });
    assert.deepEqual(reply, { ok: false, code: "capability-not-granted" }, name);
  }
});

test("a thread cannot act for a call that is not on it or that has ended", async (t) => {
  const plugin = openPlugin(t, {}, { workerUrl });
  const used: Payload[] = [];
  const fetch: Capability = async (argument) => {
    used.push(argument);
    return null;
  };
  const message = { type: "use", use: 1, name: "fetch", argument: { text: "1", bytes: [] } };
  const post = [0, -1, 2, 99].map((call) => ({ ...message, call }));
  const output = { ok: true, output: "1" };
  assert.equal(
    await plugin.run("forge", { input: { post, answer: output } as never, capabilities: { fetch } }),
    1,
  );
  assert.equal(
    await plugin.run("forge", { input: { post: [{ ...message, call: 1 }], answer: output } as never }),
    1,
  );
  assert.deepEqual(used, []);
});

const bombs = {
  "text that is not JSON": [{ open: "{", close: "", times: 1 }, "plugin-output-invalid"],
  "a value nested very deep": [{ open: "[", close: "]", times: 1_000_000 }, "plugin-output-invalid"],
  "an output that is too large": [{ open: "1", close: "", times: 5 * 2 ** 20 }, "plugin-output-too-large"],
} as const;

for (const [what, [output, code]] of Object.entries(bombs)) {
  test(`${what} is refused by the host too`, async (t) => {
    const plugin = openPlugin(t, {}, { workerUrl });
    assert.equal((await plugin.fail("forge", { input: { output } })).code, code);
  });
}
