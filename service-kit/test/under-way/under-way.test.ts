import assert from "node:assert/strict";
import { test } from "node:test";
import { createUnderWay } from "@plugboard/service-kit/under-way";

test("who has entered is there until it leaves, whichever of them leaves first", () => {
  const underWay = createUnderWay<string>();
  const leave = new Map(["a", "b", "c", "d"].map((name) => [name, underWay.enter(name)]));
  const present = () => [...underWay].toSorted().join("");
  for (const [name, left] of [
    ["b", "acd"],
    ["d", "ac"],
    ["d", "ac"],
    ["a", "c"],
    ["c", ""],
    ["c", ""],
  ] as const) {
    leave.get(name)?.();
    assert.equal(present(), left);
    assert.equal(underWay.size, left.length);
  }
});

test("the same value enters twice as two, and a late leave takes nobody else's place", () => {
  const underWay = createUnderWay<string>();
  const leaveFirst = underWay.enter("same");
  leaveFirst();
  const leaveSecond = underWay.enter("same");
  leaveFirst();
  assert.deepEqual([...underWay], ["same"]);
  leaveSecond();
  assert.deepEqual([...underWay], []);
});

test("those who leave while all are looked through do not keep others from being seen", () => {
  const underWay = createUnderWay<() => void>();
  const seen: number[] = [];
  for (let i = 0; i < 10; i++) {
    const leave = underWay.enter(() => {
      seen.push(i);
      leave();
    });
  }
  for (const end of underWay) end();
  assert.deepEqual(seen.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(underWay.size, 0);
});
