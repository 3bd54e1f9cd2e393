import assert from "node:assert/strict";
import { test } from "node:test";
import { openPlugin } from "../open-plugin.ts";

/**
 * What no thread contains: V8 ends the process that it runs in, or compiles a loop that nothing interrupts. With
 * `isolation: "process"` each costs its own call; with `isolation: "thread"` each would end this test run.
 */
const attacks = {
  "an array longer than V8 has": "() => 'x'.repeat(2 ** 29 - 100).split('')",
  "a fill of what does not fit":
    "() => { const a = []; a[4e9] = 1; a.length = 5e7; a.fill(1); return a.length; }",
  "large arrays without end": "() => { const all = []; for (;;) all.push(new Array(1.3e8).fill(0)); }",
  "a loop without a check": "() => { for (;;) new Array(1000).fill(0); }",
  "another loop without a check": "() => { for (;;) new Array(1000).includes(3); }",
  "large arrays in a loop without a check":
    "() => { const all = []; for (;;) all.push(new Array(1000).fill(0)); }",
};

for (const [what, attack] of Object.entries(attacks)) {
  test(`in a process of its own, ${what} costs only its own call`, async (t) => {
    const actions = {
      attack: `async () => { await null; return (${attack})(); }`,
      good: "({ input }) => ({ good: input })",
    };
    const plugin = openPlugin(t, actions, { isolation: "process" });
    const guilty = plugin.fail("attack", { tenantId: "tnt_bad" });
    const others = [1, 2, 3].map((input) => plugin.run("good", { tenantId: `tnt_${input}`, input }));
    const { code } = await guilty;
    assert.ok(
      ["plugin-out-of-memory", "plugin-blocked", "plugin-crashed", "plugin-deadline-exceeded"].includes(code),
      code,
    );
    assert.deepEqual(await Promise.all(others), [{ good: 1 }, { good: 2 }, { good: 3 }]);
    assert.deepEqual(await plugin.run("good", { input: 4 }), { good: 4 });
  });
}

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
