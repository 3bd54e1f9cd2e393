import assert from "node:assert/strict";
import test from "node:test";
import { createSlices } from "../../kernel/capabilities/fetch/pacing/slices.ts";

/** Slices whose event loop a test turns, and what has gone on. */
function openSlices() {
  const ahead: (() => void)[] = [];
  const wentOn: string[] = [];
  const slices = createSlices((run) => void ahead.push(run));
  return {
    wentOn,
    turnsAhead: () => ahead.length,
    come(name: string, of: { plugin?: string; tenant?: string; bytes?: number } = {}) {
      const { plugin = "acme/vendor", tenant = "tnt_1", bytes = 0 } = of;
      const waiting = slices.enter({ id: "con_1", pluginId: plugin, tenantId: tenant }, bytes);
      if (waiting) waiting.then(() => wentOn.push(name));
      else wentOn.push(name);
    },
    async turn() {
      ahead.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
      return wentOn.splice(0);
    },
  };
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

test("what comes alone goes on at once, and nothing is left behind", async () => {
  const { come, turn, turnsAhead, wentOn } = openSlices();
  come("a");
  come("b");
  assert.deepEqual(wentOn, ["a", "b"]);
  await turn();
  assert.equal(turnsAhead(), 0);
});

test("of what comes all at once two go on in a turn of the event loop, in their order", async () => {
  const { come, turn, turnsAhead } = openSlices();
  const all = names("r", 5);
  for (const name of all) come(name);
  assert.deepEqual(await turn(), all.slice(0, 4), "two at once, two in the next turn");
  assert.deepEqual(await turn(), all.slice(4));
  assert.deepEqual(await turn(), []);
  assert.equal(turnsAhead(), 0);
});

test("large answers go on fewer at a time", async () => {
  const { come, turn } = openSlices();
  for (const name of names("large", 4)) come(name, { bytes: 64 * 1024 });
  assert.deepEqual(await turn(), ["large0", "large1"]);
  assert.deepEqual(await turn(), ["large2"]);
  assert.deepEqual(await turn(), ["large3"]);
});

test("plugins take turns, and tenants within a plugin", async () => {
  const { come, turn, wentOn } = openSlices();
  for (const name of names("first", 2)) come(name);
  for (const name of names("many", 3)) come(name, { plugin: "acme/down", tenant: "tnt_1" });
  come("one", { plugin: "acme/down", tenant: "tnt_2" });
  come("other", { plugin: "acme/up", tenant: "tnt_1" });
  wentOn.length = 0;
  assert.deepEqual(await turn(), ["many0", "other"]);
  assert.deepEqual(await turn(), ["one", "many1"]);
  assert.deepEqual(await turn(), ["many2"]);
});

test("who comes while others wait does not go before them", async () => {
  const { come, turn, wentOn } = openSlices();
  for (const name of names("r", 5)) come(name);
  wentOn.length = 0;
  await turn();
  come("late");
  assert.deepEqual(await turn(), ["r4", "late"]);
});
