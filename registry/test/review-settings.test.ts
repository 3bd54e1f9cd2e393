import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReviewSettings } from "@plugboard/registry";

test("settings of reviews that are not given have their default", () => {
  const settings = parseReviewSettings('{"priorWeight":20,"perHost":40}');
  assert.deepEqual(
    [settings.priorWeight, settings.perHost, settings.priorMean, settings.perPlugin],
    [20, 40, 3.5, 20],
  );
});

test("what is no setting, or out of its range, is refused", () => {
  for (const text of [
    "",
    "[]",
    "3",
    "null",
    '{"priorMean":0}',
    '{"priorMean":6}',
    '{"perPlugin":0}',
    '{"perPlugin":1.5}',
    '{"floodFactor":0}',
    '{"unknown":1}',
  ]) {
    assert.throws(() => parseReviewSettings(text), Error, text);
  }
});
