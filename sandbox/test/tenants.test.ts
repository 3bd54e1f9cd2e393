import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, openPlugin } from "./open-plugin.ts";

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
