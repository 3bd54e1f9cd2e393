import assert from "node:assert/strict";
import { test } from "node:test";
import { createNumbered } from "../numbered.ts";

test("no number is given twice, and what stays is found while thousands come and go", () => {
  const underWay = createNumbered<{ name: string }>();
  const stays = underWay.add({ name: "stays" });
  assert.equal(stays, 1);
  let last = stays;
  for (let i = 0; i < 5_000; i++) {
    const number = underWay.add({ name: `passes ${i}` });
    assert.ok(number > last, `${number} after ${last}`);
    assert.equal(underWay.get(number)?.name, `passes ${i}`);
    underWay.delete(number);
    last = number;
  }
  assert.equal(underWay.get(stays)?.name, "stays");
  assert.equal(underWay.get(last), undefined);
  assert.equal(underWay.size, 1);
});

test("many at a time are all there, each under its number, until they are deleted", () => {
  const underWay = createNumbered<{ index: number }>();
  const numbers = Array.from({ length: 1_000 }, (_, index) => underWay.add({ index }));
  assert.equal(new Set(numbers).size, 1_000);
  numbers.forEach((number, index) => {
    assert.equal(underWay.get(number)?.index, index);
  });
  assert.deepEqual(new Map(underWay), new Map(numbers.map((number, index) => [number, { index }])));

  for (const number of numbers.slice(1)) underWay.delete(number);
  underWay.delete(numbers[1] ?? 0);
  assert.deepEqual([...underWay.values()], [{ index: 0 }]);
  assert.equal(underWay.size, 1);
  underWay.clear();
  assert.deepEqual([...underWay], []);
  assert.equal(underWay.has(numbers[0] ?? 0), false);
});

test("what is added while they are looked through changes none of those that were there", () => {
  const underWay = createNumbered<{ number: number }>();
  const add = () => {
    const value = { number: 0 };
    value.number = underWay.add(value);
    return value.number;
  };
  // So far on that their places are others among twice as many.
  for (let i = 0; i < 200; i++) underWay.delete(add());
  const numbers = Array.from({ length: 40 }, add);
  const seen = new Map<number, number>();
  for (const [number, value] of underWay) {
    seen.set(number, value.number);
    if (seen.size === 1) for (let i = 0; i < 100; i++) add();
  }
  for (const number of numbers) assert.equal(seen.get(number), number);
});

test("what is no number that was given leads to nothing", () => {
  const underWay = createNumbered<object>();
  underWay.add({});
  for (const number of [0, -1, 65, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
    assert.equal(underWay.get(number), undefined, String(number));
});
