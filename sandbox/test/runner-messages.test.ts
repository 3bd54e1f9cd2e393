import assert from "node:assert/strict";
import { constants } from "node:buffer";
import { test } from "node:test";
import { defaultLimits } from "../limits.ts";
import { inLines, maxLineBytes } from "../runner-messages.ts";

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
