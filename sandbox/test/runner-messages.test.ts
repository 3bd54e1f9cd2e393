import assert from "node:assert/strict";
import { constants } from "node:buffer";
import { test } from "node:test";
import { defaultLimits } from "../limits.ts";
import { inLines, maxLineBytes, parseFromRunner } from "../runner-messages.ts";

test("what one turn has to say goes in lines that no text is too short for", () => {
  const batch = Array.from({ length: 30 }, (_, call) => ({ type: "log", call, line: "x".repeat(2 ** 18) }));
  const lines = [...inLines(batch)];
  assert.ok(lines.every((line) => line.length < 1.5 * 2 ** 20));
  assert.deepEqual(
    lines.flatMap((line) => JSON.parse(line).batch),
    batch,
  );
});

test("no line is taken that is longer than a text can be, whatever the limits allow", () => {
  const limits = { ...defaultLimits, capabilityBytes: 256 * 2 ** 20 };
  assert.ok(maxLineBytes(limits) <= constants.MAX_STRING_LENGTH);
});

test("figures of a process are numbers that something can be measured by", () => {
  const figures = { heapBytes: 1, externalBytes: 2, cpuMs: 3, call: 4 };
  const message = (vitals: object, beat: unknown = 1) =>
    parseFromRunner(JSON.parse(JSON.stringify({ type: "vitals", vitals, beat }).replace('"huge"', "1e999")));
  assert.ok(message(figures));
  assert.ok(message({ ...figures, turn: -5 }), "turns go round");
  for (const wrong of ["huge", -1, "1", null])
    for (const name of ["heapBytes", "externalBytes", "cpuMs"])
      assert.equal(message({ ...figures, [name]: wrong }), undefined, `${name}: ${wrong}`);
  for (const wrong of ["huge", 0.5, "1"]) assert.equal(message({ ...figures, call: wrong }), undefined);
  for (const wrong of ["huge", 0.5, "1"]) assert.equal(message({ ...figures, turn: wrong }), undefined);
  assert.equal(message(figures, "huge"), undefined);
});
