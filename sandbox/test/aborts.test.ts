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
