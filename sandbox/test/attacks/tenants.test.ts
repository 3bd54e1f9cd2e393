import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, openPlugin } from "../open-plugin.ts";

const intrinsics = [
  ...[
    "Object",
    "Array",
    "(() => {}).constructor",
    "Promise",
    "Map",
    "Set",
    "WeakMap",
    "Error",
    "TypeError",
    "Date",
  ],
  ...[
    "Math",
    "JSON",
    "Reflect",
    "Proxy",
    "Symbol",
    "RegExp",
    "String",
    "Number",
    "Boolean",
    "BigInt",
    "Iterator",
    "Temporal",
  ],
  ...[
    "URL",
    "URLSearchParams",
    "Headers",
    "Request",
    "Response",
    "AbortController",
    "AbortSignal",
    "TextEncoder",
  ],
  ...[
    "TextDecoder",
    "structuredClone",
    "crypto",
    "console",
    "fetch",
    "atob",
    "queueMicrotask",
    "Date.prototype",
  ],
  ...[
    "Object.getPrototypeOf(async () => {})",
    "Object.getPrototypeOf(function* () {})",
    "Object.getPrototypeOf([][Symbol.iterator]())",
  ],
  ...[
    "Object.getPrototypeOf(new Headers().entries())",
    "Object.getPrototypeOf(new URL('http://x/').searchParams.keys())",
  ],
  ...[
    "Headers.prototype.get",
    "Object.getPrototypeOf(Request)",
    "URL.prototype",
    "Math.random",
    "Error.captureStackTrace",
  ],
  ...[
    "Object.getOwnPropertyDescriptor(URL.prototype, 'href').get",
    "Object.getOwnPropertyDescriptor(new Error('x'), 'stack').get",
    "parseInt",
    "escape",
    "isNaN",
    "decodeURI",
  ],
];

const actionsOf = (target: string) => {
  const found = `[${target}, (${target}).prototype].filter((x) => x !== undefined && x !== null)`;
  return {
    write: `() => {
      for (const object of ${found}) {
        try { object.mark = "seen"; } catch {}
        try { Object.defineProperty(object, "mark", { value: "seen", configurable: true }); } catch {}
        try { Object.setPrototypeOf(object, { mark: "seen" }); } catch {}
        for (const key of Reflect.ownKeys(object)) { try { object[key] = () => "seen"; } catch {} }
      }
      return "written";
    }`,
    read: `() => ${found}.map((object) => String(object.mark)).join()`,
  };
};

for (const target of intrinsics) {
  test(`one tenant leaves no mark on ${target} for another to find`, async (t) => {
    const plugin = openPlugin(t, actionsOf(target));
    assert.equal(await plugin.run("write", { tenantId: "tnt_a" }), "written");
    const found = String(await plugin.run("read", { tenantId: "tnt_b" }));
    assert.doesNotMatch(found, /seen/);
  });
}

test("the harness notices: without compartments the marks are found", async (t) => {
  const workerUrl = new URL("../no-compartment/worker.ts", import.meta.url);
  for (const target of ["Math", "Temporal", "atob", "Headers", "Date.prototype"]) {
    const plugin = openPlugin(t, actionsOf(target), { workerUrl, id: "acme/bare" });
    await plugin.run("write", { tenantId: "tnt_a" });
    assert.match(String(await plugin.run("read", { tenantId: "tnt_b" })), /seen/, target);
  }
});

test("prototypes are not polluted, for other tenants or for the host", async (t) => {
  const pollute = `({ input }) => {
    const merge = (to, from) => {
      for (const key of Object.keys(from)) {
        if (typeof from[key] === "object") merge((to[key] ??= {}), from[key]);
        else to[key] = from[key];
      }
      return to;
    };
    try { merge({}, input); } catch {}
    try { ({}).__proto__.polluted = "yes"; } catch {}
    try { Array.prototype.push = () => "yes"; } catch {}
    try { Object.prototype.toJSON = () => "yes"; } catch {}
    return JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}');
  }`;
  const look = "() => String({}.polluted) + [].push(1) + JSON.stringify({})";
  const plugin = openPlugin(t, { pollute, look });
  const input = JSON.parse('{"__proto__":{"polluted":"yes"}}');
  const output = await plugin.run("pollute", { tenantId: "tnt_a", input });
  assert.equal(await plugin.run("look", { tenantId: "tnt_b" }), "undefined1{}");
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(Object.getPrototypeOf(output), Object.prototype, "__proto__ came out as an ordinary key");
});

test("a plugin's variables and globals are its tenant's own", async (t) => {
  const count =
    "() => { globalThis.seen = (globalThis.seen ?? 0) + 1; return [++counter, globalThis.seen]; }";
  const plugin = openPlugin(t, { count }, { prelude: "let counter = 0;" });
  assert.deepEqual(await plugin.run("count", { tenantId: "tnt_a" }), [1, 1]);
  assert.deepEqual(await plugin.run("count", { tenantId: "tnt_a" }), [2, 2]);
  assert.deepEqual(await plugin.run("count", { tenantId: "tnt_b" }), [1, 1]);
});

test("the tenant used longest ago makes room, and finds its variables fresh", async (t) => {
  const plugin = openPlugin(
    t,
    { count: "() => ++counter" },
    { prelude: "let counter = 0;", limits: { compartments: 2 } },
  );
  const counts: unknown[] = [];
  for (const tenantId of ["a", "b", "a", "c", "a", "b"]) counts.push(await plugin.run("count", { tenantId }));
  assert.deepEqual(counts, [1, 1, 2, 1, 3, 1]);
});

test("an input is a copy: what the plugin does to it stays inside", async (t) => {
  const plugin = openPlugin(t, { change: "({ input }) => { input.list.push('changed'); return input; }" });
  const input = { list: ["original"] };
  assert.deepEqual(await plugin.run("change", { input }), { list: ["original", "changed"] });
  assert.deepEqual(input, { list: ["original"] });
});

test("a capability of one tenant's call is not within reach of another's", async (t) => {
  const keep =
    "({ fetch }) => { globalThis.kept = fetch; return fetch('https://vendor.test/').then((r) => r.text()); }";
  const use =
    "() => globalThis.kept ? globalThis.kept('https://vendor.test/').then((r) => r.text()) : fetch('https://vendor.test/').then((r) => r.text())";
  const plugin = openPlugin(t, { keep, use });
  assert.equal(
    await plugin.run("keep", { tenantId: "tnt_a", capabilities: { fetch: answering("a's") } }),
    "a's",
  );
  const stolen = await plugin.fail("use", { tenantId: "tnt_b" });
  assert.equal(stolen.thrown?.code, "capability-not-granted");
  const late = await plugin.fail("use", { tenantId: "tnt_a" });
  assert.equal(late.thrown?.code, "call-ended");
});
