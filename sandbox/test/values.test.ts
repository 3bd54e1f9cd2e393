import assert from "node:assert/strict";
import { test } from "node:test";
import { openPlugin } from "./open-plugin.ts";

const normalised: { [what: string]: [source: string, output: unknown] } = {
  undefined: ["undefined", null],
  "a date": ["new Date(0)", "1970-01-01T00:00:00.000Z"],
  "undefined members": ["({ a: undefined, b: 1 })", { b: 1 }],
  "a class instance": ["new (class A { b = 1; #c = 2; d() {} })()", { b: 1 }],
  "a null-prototype object": ["Object.assign(Object.create(null), { a: 1 })", { a: 1 }],
  "an inherited member": ["Object.create({ a: 1 })", {}],
  "a getter's value": ["({ get a() { return 1; } })", { a: 1 }],
  "a proxy's values": ["new Proxy({ a: 1 }, {})", { a: 1 }],
  "a URL": ["({ url: new URL('https://vendor.test/a') })", { url: "https://vendor.test/a" }],
  "a frozen array": ["Object.freeze([1, [2]])", [1, [2]]],
  "a lone surrogate": ["'\\ud800'", "\ud800"],
  "an own __proto__": [`JSON.parse('{"__proto__":{"a":1}}')`, JSON.parse('{"__proto__":{"a":1}}')],
  "a promise": ["Promise.resolve({ a: 1 })", { a: 1 }],
  "a thenable": ["({ then(resolve) { resolve({ a: 1 }); } })", { a: 1 }],
};

for (const [what, [source, output]] of Object.entries(normalised)) {
  test(`${what} leaves as plain data`, async (t) => {
    const plugin = openPlugin(t, { give: `() => ${source}` });
    assert.deepEqual(await plugin.run("give"), output);
  });
}

const refused: { [what: string]: [source: string, pointer: RegExp] } = {
  "a function": ["() => {}", /at "" it is a function/],
  "a member that is a function": ["({ a: [1, () => {}] })", /at "\/a\/1" it is a function/],
  "a symbol": ["({ 'a/b': Symbol('x') })", /at "\/a~1b" it is a symbol/],
  "a bigint": ["[1n]", /bigint/],
  NaN: ["NaN", /NaN/],
  "an infinite number": ["({ a: 1 / 0 })", /Infinity/],
  "a map": ["({ a: new Map([[1, 2]]) })", /at "\/a" it is not JSON data/],
  "a set": ["new Set()", /not JSON/],
  "a promise inside": ["({ a: Promise.resolve(1) })", /at "\/a" it is not JSON data/],
  "a regular expression": ["/a/", /not JSON/],
  "a cycle": ["(() => { const a = {}; a.a = a; return a; })()", /nested deeper|cyclic/],
  "endless getters": [
    "(() => { const f = () => ({ get a() { return f(); } }); return f(); })()",
    /nested deeper/,
  ],
  "too many values": [
    "new Proxy([], { ownKeys: () => Array.from({ length: 3000 }, (_, i) => 'k' + i).concat('length'), getOwnPropertyDescriptor: (_, k) => k === 'length' ? { value: 0, writable: true } : { value: 1, enumerable: true, configurable: true } })",
    /more than 1000 values/,
  ],
};

for (const [what, [source, message]] of Object.entries(refused)) {
  test(`${what} does not leave`, async (t) => {
    const plugin = openPlugin(t, { give: `() => (${source})` }, { limits: { nodes: 1000 } });
    const error = await plugin.fail("give");
    assert.equal(error.code, "plugin-output-invalid");
    assert.match(error.message, message);
  });
}

const throwing = {
  "a getter": "({ get a() { throw new Error('from the getter'); } })",
  "a proxy": "new Proxy({}, { ownKeys() { throw new Error('from the getter'); } })",
  "a revoked proxy":
    "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
  toJSON: "({ toJSON() { throw new Error('from the getter'); } })",
  "a thenable": "({ then() { throw new Error('from the getter'); } })",
};

for (const [what, source] of Object.entries(throwing)) {
  test(`an output whose reading throws in ${what} fails that call`, async (t) => {
    const plugin = openPlugin(t, { give: `() => (${source})`, good: "() => 1" });
    assert.equal((await plugin.fail("give")).code, "plugin-failed");
    assert.equal(await plugin.run("good"), 1);
  });
}

const odd = {
  null: "null",
  undefined: "undefined",
  "a number": "7",
  "a symbol": "Symbol('x')",
  "a function": "() => {}",
  "an object without prototype": "Object.create(null)",
  "a frozen proxy":
    "new Proxy(Object.freeze({}), { get() { throw 1; }, getPrototypeOf() { throw 1; }, has() { throw 1; } })",
  "an error with throwing getters":
    "Object.defineProperty(new Error('x'), 'message', { get() { throw 1; } })",
  "an error whose message is an object":
    "Object.assign(new Error('x'), { message: { toString() { throw 1; } }, code: Symbol('x'), details: 1n })",
  "a thenable": "({ then(resolve) { resolve('not an answer'); } })",
  "a huge message": "new Error('x'.repeat(50_000_000))",
  "a huge stack": "Object.assign(new Error('x'), { stack: 'x'.repeat(50_000_000) })",
  "huge details": "Object.assign(new Error('x'), { details: 'x'.repeat(1e6) })",
  "cyclic details": "(() => { const e = new Error('x'); e.details = e; return e; })()",
  "a stack overflow": "(() => { const f = () => f(); f(); })()",
  "an error with a cause": "new Error('x', { cause: new Error('y') })",
  "an AggregateError": "new AggregateError([1, 2], 'x')",
};

for (const [what, source] of Object.entries(odd)) {
  test(`throwing ${what} fails that call with capped text`, async (t) => {
    const plugin = openPlugin(
      t,
      { toss: `() => { throw (${source}); }`, good: "() => 1" },
      { limits: { errorBytes: 500 } },
    );
    const error = await plugin.fail("toss");
    assert.equal(error.code, "plugin-failed");
    assert.equal(typeof error.thrown?.message, "string");
    assert.ok(JSON.stringify(error.thrown).length < 3000);
    assert.equal(await plugin.run("good"), 1);
    assert.equal(plugin.sandbox.stats().crashes, 0);
  });
}

test("what a plugin throws on purpose survives", async (t) => {
  const toss = `() => {
    class PluginError extends Error {
      constructor(code, message, more) { super(message); this.name = "PluginError"; this.code = code; Object.assign(this, more); }
    }
    throw new PluginError("rate-limited", "Slow down.", { details: { limit: [1, 2] }, retryAfterMs: 1500 });
  }`;
  const plugin = openPlugin(t, { toss });
  const { thrown } = await plugin.fail("toss");
  const { stack, ...rest } = thrown ?? { message: "" };
  assert.deepEqual(rest, {
    name: "PluginError",
    code: "rate-limited",
    message: "Slow down.",
    details: { limit: [1, 2] },
    retryAfterMs: 1500,
  });
  assert.match(stack ?? "", /acme\/test@1\.0\.0:\d+:\d+/);
  assert.doesNotMatch(stack ?? "", /file:|node:|worker/);
});

test("rejections that nobody handles cost nobody anything", async (t) => {
  const reject = `() => {
    for (let i = 0; i < 1000; i++) Promise.reject(new Error("lost"));
    Promise.reject({ get message() { throw 1; } });
    setTimeout(() => { throw new Error("lost in a timer"); }, 1);
    queueMicrotask(() => { throw new Error("lost in a microtask"); });
    return new Promise((resolve) => setTimeout(resolve, 5, "answered"));
  }`;
  const plugin = openPlugin(t, { reject, good: "() => 1" });
  assert.equal(await plugin.run("reject"), "answered");
  assert.equal(await plugin.run("good"), 1);
  assert.equal(plugin.sandbox.stats().crashes, 0);
});
