import type { BatchUnit } from "@plugboard/plugin-sdk/manifest";
import type { Performed } from "../../kernel/batches/index.ts";

type SlowDown = NonNullable<Performed<BatchUnit>["slowDown"]>;

/** How a unit went that was performed in two parts. */
export function together(first: Performed<BatchUnit>, second: Performed<BatchUnit>): Performed<BatchUnit> {
  const slow = [first.slowDown, second.slowDown].filter((one) => one !== undefined);
  return {
    isOk: first.isOk && second.isOk,
    bytes: first.bytes + second.bytes,
    ...(slow.length > 0 && { slowDown: slow.reduce(slowest) }),
  };
}

function slowest(one: SlowDown, other: SlowDown): SlowDown {
  return {
    askedMs: longest(one.askedMs, other.askedMs),
    again: both(one.again, other.again),
    againBytes: one.againBytes + other.againBytes,
  };
}

/** Of pauses that were asked for, where one is not said. */
export function longest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function both(one: BatchUnit | undefined, other: BatchUnit | undefined): BatchUnit | undefined {
  if (!one || !other) return one ?? other;
  return {
    ...one,
    places: [...one.places, ...other.places],
    inputs: [...one.inputs, ...other.inputs],
  };
}
