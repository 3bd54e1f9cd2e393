import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, openPlugin } from "../open-plugin.ts";

/**
 * Each attack is an expression that gives a function which runs text as code, or an object of the host. It reports
 * what it reached; reaching nothing, it reports undefined, or throws.
 */
const evaluators = {
  eval: "eval",
  "indirect eval": "(0, eval)",
  Function: "Function",
  Compartment: "(code) => new Compartment().evaluate(code)",
  "a function's constructor": "(() => {}).constructor",
  "an async function's constructor": "(async () => {}).constructor",
  "a generator's constructor": "(function* () {}).constructor",
  "an async generator's constructor": "(async function* () {}).constructor",
  "the constructor of an endowment": "fetch.constructor",
  "the constructor of a class that the host made": "Headers.constructor",
  "the constructor of a class's method": "Headers.prototype.get.constructor",
  "the constructor of an async method": "Response.prototype.text.constructor",
  "the constructor of a generator method": "Headers.prototype.entries.constructor",
  "the constructor of what an async endowment returns": "fetch('x').catch(() => {}).constructor.constructor",
  "the constructor of the context's functions": "context.log.info.constructor",
  "the constructor of a thrown error":
    "(() => { try { null.x; } catch (e) { return e.constructor.constructor; } })()",
  "the constructor of an endowment's error":
    "(() => { try { new URL('?'); } catch (e) { return e.constructor.constructor; } })()",
  "the constructor of a DataCloneError":
    "(() => { try { structuredClone(() => {}); } catch (e) { return e.constructor.constructor; } })()",
  "the constructor of an InvalidCharacterError":
    "(() => { try { atob('*'); } catch (e) { return e.constructor.constructor; } })()",
  "the constructor of a stack overflow":
    "(() => { const f = () => f(); try { f(); } catch (e) { return e.constructor.constructor; } })()",
  "a stack overflow inside of an endowment":
    "(() => { let last; const f = () => { try { new URL('http://x/'); f(); } catch (e) { last = e; } }; f(); return last.constructor.constructor; })()",
  "the input's constructor": "context.input.constructor.constructor",
  "the signal's constructor": "context.signal.constructor.constructor",
  "Reflect.construct": "(code) => Reflect.construct((() => {}).constructor, [code])()",
  "a species constructor":
    "(() => { class A extends Array {} return A.from([1]).constructor.constructor.constructor; })()",
  "the thrower of arguments.callee":
    "Object.getOwnPropertyDescriptor((function () { return arguments; })(), 'callee').get.constructor",
  "a proxy's handler": "new Proxy((() => {}).constructor, {})",
  bind: "Function.prototype.bind.call((() => {}).constructor, null)",
  "Symbol.species of Promise": "Promise[Symbol.species].constructor",
  "the iterator helpers": "Iterator.from([]).map.constructor",
};

/** Tries the tool with text as a program and as a function's body. */
const attackOf = (expression: string) => `async (context) => {
  let tool;
  try { tool = ${expression}; } catch { return "no tool"; }
  for (const text of ["'ESCAPED'", "return 'ESCAPED'"]) {
    try {
      const made = tool(text);
      const value = typeof made === "function" ? made() : made;
      const found = await (value?.next ? value.next() : value);
      if ((found?.value ?? found) === "ESCAPED") return "ESCAPED";
    } catch {}
  }
  return "refused";
}`;

for (const [how, expression] of Object.entries(evaluators)) {
  test(`text is not evaluated through ${how}`, async (t) => {
    const plugin = openPlugin(t, { attack: attackOf(expression) });
    const output = await plugin.run("attack", { input: {}, capabilities: { fetch: answering("") } });
    assert.ok(output === "no tool" || output === "refused", JSON.stringify(output));
  });
}

test("the harness notices: without compartments the same attacks evaluate text", async (t) => {
  const workerUrl = new URL("../no-compartment/worker.ts", import.meta.url);
  const working = [
    "eval",
    "indirect eval",
    "Function",
    "a function's constructor",
    "an async function's constructor",
  ];
  working.push("a generator's constructor", "the constructor of a thrown error", "Reflect.construct", "bind");
  const actions = Object.fromEntries(
    working.map((how) => [how, attackOf(evaluators[how as keyof typeof evaluators])]),
  );
  const plugin = openPlugin(t, actions, { workerUrl, id: "acme/bare" });
  for (const how of working) assert.equal(await plugin.run(how), "ESCAPED", how);
});

const names = [
  ...[
    "process",
    "require",
    "Buffer",
    "global",
    "module.constructor._load",
    "console._stdout",
    "WebAssembly",
    "Worker",
  ],
  ...[
    "SharedArrayBuffer",
    "Atomics",
    "WeakRef",
    "FinalizationRegistry",
    "MessageChannel",
    "BroadcastChannel",
  ],
  ...[
    "setImmediate",
    "lockdown",
    "harden",
    "assert",
    "ModuleSource",
    "performance.eventLoopUtilization",
    "WebSocket",
  ],
  ...[
    "EventSource",
    "XMLHttpRequest",
    "navigator",
    "localStorage",
    "DOMException",
    "crypto.subtle",
    "Error.prepareStackTrace.x",
  ],
  ...["Uint8Array", "ArrayBuffer", "DataView", "Float64Array", "BigUint64Array"],
];

for (const name of names) {
  test(`${name} is not there`, async (t) => {
    const attack = `() => { try { const found = ${name}; return found === undefined ? "absent" : typeof found; } catch { return "absent"; } }`;
    const plugin = openPlugin(t, { attack });
    assert.equal(await plugin.run("attack"), "absent");
  });
}

test("the start realm cannot be reached over this, globalThis or a sloppy function", async (t) => {
  const attack = `() => {
    const roots = [this, globalThis, (function () { return this; })(), (function () { return arguments.callee?.caller; })];
    return roots.map((root) => typeof root?.process + typeof root?.Atomics + typeof root?.Buffer).join();
  }`;
  const plugin = openPlugin(t, {
    attack: `function (context) { try { return (${attack})(); } catch (e) { return "refused"; } }`,
  });
  const output = String(await plugin.run("attack"));
  assert.ok(output === "refused" || !/object|function/.test(output), output);
});

const refusedSource = {
  "import()": "import('node:fs')",
  "import() with a comment": "import/**/('node:fs')",
  "import() over two lines": "import\n('node:fs')",
  "import() with an odd space": "import\u2028('node:fs')",
  "import.meta": "import.meta.url",
  "import.source()": "import.source('node:fs')",
  "import.source() in pieces": "import . source('node:fs')",
  "import.source() with a comment": "import./**/source('node:fs')",
  "import.defer()": "import.defer('node:fs')",
  "a static import": "import fs from 'node:fs'",
  with: "with ({}) {}",
  "an HTML comment": "1 <!-- 2",
};

for (const [what, source] of Object.entries(refusedSource)) {
  test(`code with ${what} is not loaded`, async (t) => {
    const plugin = openPlugin(t, { attack: `async () => { ${source}; return "ran"; }` });
    const error = await plugin.fail("attack");
    assert.equal(error.code, "plugin-load-failed");
    assert.equal(error.retryable, false);
  });
}

test("code that closes its wrapper stays in its compartment", async (t) => {
  const prelude =
    "}); globalThis.reached = [typeof process, typeof require, typeof Function].join(); (function (module, exports) {";
  const plugin = openPlugin(t, { attack: "() => globalThis.reached ?? 'nothing'" }, { prelude });
  const output = await plugin.run("attack").catch((error) => error.code);
  assert.ok(
    output === "undefined,undefined,undefined" || output === "nothing" || output === "plugin-load-failed",
    String(output),
  );
});

test("stacks hold nothing of the host", async (t) => {
  const attack = `async ({ fetch }) => {
    const errors = [new Error("x")];
    try { new URL("?"); } catch (e) { errors.push(e); }
    try { await fetch("https://vendor.test/"); } catch (e) { errors.push(e); }
    try { null.x; } catch (e) { errors.push(e); }
    errors.push(structuredClone(errors[0]));
    const traced = {};
    Error.captureStackTrace?.(traced);
    try { Error.prepareStackTrace = (_, frames) => frames; Error.stackTraceLimit = 100; } catch {}
    const sites = new Error("y").stack;
    return [...errors.map((e) => String(e.stack)), String(traced.stack), typeof sites].join("|");
  }`;
  const plugin = openPlugin(t, { attack });
  const output = String(await plugin.run("attack"));
  assert.doesNotMatch(output, /node:|file:|node_modules|worker|\/|object/);
});
