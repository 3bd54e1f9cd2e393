import assert from "node:assert/strict";
import { test } from "node:test";
import { getHeapSpaceStatistics } from "node:v8";
import { runInNewContext } from "node:vm";
import { giveBackMemory } from "@plugboard/service-kit/engine";

const youngBytes = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;

test("what starting took is given back, and nobody else is handed the means", () => {
  let held: object[] = [];
  for (let count = 0; count < 1_000_000; count++) held.push({ count });
  const grown = youngBytes();
  held = [];
  giveBackMemory();
  assert.ok(youngBytes() < grown / 2, `${youngBytes()} of ${grown} bytes`);
  assert.equal(runInNewContext("typeof gc"), "undefined");
});
