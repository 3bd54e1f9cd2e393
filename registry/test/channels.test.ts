/** Where each channel leads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isNewer, leadsTo } from "../channels/index.ts";

const versions = [
  "0.9.0",
  "1.2.3",
  "1.2.4-beta.1",
  "1.2.4",
  "1.3.0-beta.1",
  "1.3.0",
  "2.0.0-beta.1",
  "2.0.0",
];
const from = (current: string, channel: Parameters<typeof leadsTo>[0], among = versions) =>
  among.filter((version) => leadsTo(channel, current, version));

test("a channel leads as far as npm's ranges do, and never down or to the same", () => {
  assert.deepEqual(from("1.2.3", "pinned"), []);
  assert.deepEqual(from("1.2.3", "patch"), ["1.2.4"]);
  assert.deepEqual(from("1.2.3", "minor"), ["1.2.4", "1.3.0"]);
  assert.deepEqual(from("1.2.3", "latest"), ["1.2.4", "1.3.0", "2.0.0"]);
  assert.deepEqual(from("2.0.0", "latest"), []);
});

test("before 1.0.0 a minor version may break, and the wider channel leads at least as far", () => {
  const early = ["0.0.4", "0.1.0", "0.2.4", "0.3.0", "1.0.0"];
  assert.deepEqual(from("0.2.3", "patch", early), ["0.2.4"]);
  assert.deepEqual(from("0.2.3", "minor", early), ["0.2.4"]);
  assert.deepEqual(from("0.0.3", "patch", early), ["0.0.4"]);
  assert.deepEqual(from("0.0.3", "minor", early), ["0.0.4"]);
});

test("a prerelease is for those who have one of the same version", () => {
  assert.deepEqual(from("1.2.4-alpha.1", "patch"), ["1.2.4-beta.1", "1.2.4"]);
  assert.deepEqual(from("1.2.4-alpha.1", "latest"), ["1.2.4-beta.1", "1.2.4", "1.3.0", "2.0.0"]);
  assert.equal(isNewer("1.2.4", "1.3.0-beta.1"), false);
});
