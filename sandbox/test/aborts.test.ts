import assert from "node:assert/strict";
import { test } from "node:test";
import { openPlugin } from "./open-plugin.ts";

test("calls that were in flight when a process aborted are told apart", async (t) => {
  const actions = {
    abort:
      "async () => { await new Promise((resolve) => setTimeout(resolve, 50)); 'x'.repeat(2 ** 29 - 100).split(''); }",
    wait: "async ({ input }) => { await new Promise((resolve) => setTimeout(resolve, 100)); return input; }",
  };
  const plugin = openPlugin(t, actions, { isolation: "process" });
  const guilty = plugin.fail("abort", { tenantId: "tnt_bad" });
  const innocent = [1, 2, 3, 4].map((input) => plugin.run("wait", { tenantId: `tnt_${input}`, input }));
  assert.deepEqual(await Promise.all(innocent), [1, 2, 3, 4]);
  assert.equal((await guilty).code, "plugin-out-of-memory");
});

test("one that sleeps does not keep those from running again that wait behind it", async (t) => {
  const actions = {
    abort:
      "async ({ ask }) => { ask(1); await new Promise((resolve) => setTimeout(resolve, 50)); 'x'.repeat(2 ** 29 - 100).split(''); }",
    sleep: "() => new Promise(() => {})",
    wait: "async ({ input }) => { await new Promise((resolve) => setTimeout(resolve, 300)); return input; }",
  };
  const plugin = openPlugin(t, actions, { isolation: "process" });
  const capabilities = { ask: () => new Promise<never>(() => {}) };
  // Of one tenant, so that all of them come to one place.
  const sleeping = plugin.fail("sleep", { tenantId: "tnt_1", deadlineMs: 60_000 });
  const behind = [1, 2].map((input) => plugin.run("wait", { tenantId: "tnt_1", input }));
  await plugin.fail("abort", { tenantId: "tnt_1", capabilities });
  assert.deepEqual(await Promise.all(behind), [1, 2]);
  await plugin.sandbox.close({ graceMs: 0 });
  assert.equal((await sleeping).code, "plugin-closed", "it sleeps still");
});
