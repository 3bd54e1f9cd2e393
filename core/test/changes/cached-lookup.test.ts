/** What is remembered is never older than the last change, also while the line to PostgreSQL breaks and returns. */
import assert from "node:assert/strict";
import test from "node:test";
import { type Changes, createCachedLookup } from "../../kernel/changes/index.ts";

/** A change feed that a test breaks, mends and speaks through, over one row that a test changes. */
function lookUp() {
  const listeners: ((key: string, tenantId: undefined) => void)[] = [];
  const lostListeners: (() => void)[] = [];
  const feed = { connected: true };
  const changes: Changes = {
    get connected() {
      return feed.connected;
    },
    onChange: (_, listener) => listeners.push(listener),
    onLost: (listener) => lostListeners.push(listener),
    transaction: () => assert.fail("a look-up writes nothing"),
    stop: async () => {},
  };
  const row = { value: "old" };
  let answers: (() => void)[] = [];
  const rows = createCachedLookup({
    changes,
    topic: "api-key",
    load() {
      const { value } = row;
      return new Promise<string>((resolve) => answers.push(() => resolve(value)));
    },
  });
  return {
    row,
    /** Begins a look-up; `end` lets the database answer with what it read at the beginning. */
    begin() {
      const found = rows.get("a");
      const answer = () => {
        for (const one of answers) one();
        answers = [];
      };
      return {
        end() {
          answer();
          return found;
        },
      };
    },
    announce: () => listeners.forEach((listener) => void listener("a", undefined)),
    lose() {
      feed.connected = false;
      for (const listener of lostListeners) listener();
    },
    mend() {
      feed.connected = true;
    },
  };
}

test("a value is remembered until its change is announced", async () => {
  const { row, begin, announce } = lookUp();
  assert.equal(await begin().end(), "old");
  row.value = "new";
  assert.equal(await begin().end(), "old");
  announce();
  assert.equal(await begin().end(), "new");
});

test("a value that was read before a change is not remembered after it", async () => {
  const { row, begin, announce } = lookUp();
  const reading = begin();
  row.value = "new";
  announce();
  assert.equal(await reading.end(), "old");
  assert.equal(await begin().end(), "new");
});

test("a value that was read while the line was down is not remembered, though the line is back", async () => {
  const { row, begin, lose, mend } = lookUp();
  lose();
  const reading = begin();
  row.value = "new"; // announced while nobody here listened
  mend();
  assert.equal(await reading.end(), "old");
  assert.equal(await begin().end(), "new");
});
