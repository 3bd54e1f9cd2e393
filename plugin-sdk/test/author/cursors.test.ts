import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint, readCursor } from "@plugboard/plugin-sdk";

test("a cursor of several parts is read as it was written, and nothing else is one", () => {
  const place = { since: "2026-01-01T00:00:00Z", after: null };
  assert.deepEqual(readCursor(JSON.stringify(place)), place);
  for (const cursor of ["", "{", "null", "7", '"text"', "[1]"])
    assert.throws(
      () => readCursor(cursor),
      { code: "invalid-input", details: { pointer: "/cursor" } },
      cursor,
    );
});

test("a fingerprint is the same for the same, short, and another for what differs by a character", () => {
  const records = Array.from({ length: 1_000 }, (_, id) => ({ id, name: `Läuft ${id % 7}` }));
  const prints = records.map(fingerprint);
  assert.deepEqual(records.map(fingerprint), prints);
  assert.equal(new Set(prints).size, records.length);
  for (const print of prints) assert.match(print, /^[0-9a-z]{1,7}$/);
  // FNV-1a of 32 bits of `""` is 0xffcaaa85. What hosts keep under it must not change.
  assert.equal(fingerprint(""), (0xffcaaa85).toString(36));
});
