import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capability } from "../index.ts";
import { openPlugin } from "./open-plugin.ts";

const actions = {
  echo: "async ({ input }) => { await null; return input; }",
  spin: "async () => { await null; for (;;); }",
  use: "async ({ input, probe }) => { await probe(); return input; }",
  useAndSpin: "async ({ probe }) => { await probe(); for (;;); }",
};

test("of calls that are handed over together, the one that spins alone fails", async (t) => {
  const plugin = openPlugin(t, actions, { limits: { blockMs: 200 } });
  await plugin.run("echo");
  const inputs = Array.from({ length: 30 }, (_, index) => index);
  const before = inputs.map((input) => plugin.run("echo", { input }));
  const spinning = plugin.fail("spin", { tenantId: "tnt_2" });
  const after = inputs.map((input) => plugin.run("echo", { input }));
  assert.deepEqual(await Promise.all([...before, ...after]), [...inputs, ...inputs]);
  assert.notEqual((await spinning).code, "plugin-crashed");
  assert.equal(plugin.sandbox.stats().crashes, 1);
});

test("an answer that cannot be made again is out before another call goes on", async (t) => {
  const plugin = openPlugin(t, actions, { limits: { blockMs: 200 } });
  const { promise: open, resolve: openGate } = Promise.withResolvers<null>();
  let waiting = 0;
  const probe: Capability = () => {
    waiting += 1;
    if (waiting === 2) openGate(null);
    return open;
  };
  const first = plugin.run("use", { input: 1, capabilities: { probe } });
  const second = plugin.fail("useAndSpin", { tenantId: "tnt_2", capabilities: { probe } });
  assert.equal(await first, 1);
  await second;
});

test("answers come after what their calls asked for, and each to its own call", async (t) => {
  const plugin = openPlugin(t, {
    run: "async ({ input, note, log }) => { for (let i = 0; i < 5; i++) { await note(i); log.info('x'); } return input; }",
  });
  const inputs = Array.from({ length: 60 }, (_, index) => index);
  const counts = await Promise.all(
    inputs.map(async (input) => {
      const notes: unknown[] = [];
      let lines = 0;
      const note: Capability = async (argument) => notes.push(argument);
      const log: Capability = async () => {
        lines += 1;
        return null;
      };
      assert.equal(await plugin.run("run", { input, capabilities: { note, log } }), input);
      return [notes, lines];
    }),
  );
  for (const count of counts) assert.deepEqual(count, [[0, 1, 2, 3, 4], 5]);
});
