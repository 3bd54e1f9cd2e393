import type { PriceTier } from "./types.ts";

/**
 * What a number of units costs: the exact sum over the tiers, rounded down once to a whole minor unit. Never more than
 * the price says, and the same on every machine: whole numbers alone.
 *
 * @param tiers as in plugin.json: each for the units above the tier before, the last without an end
 * @returns minor units
 */
export function chargeOf(tiers: PriceTier[], units: bigint): bigint {
  let counted = 0n;
  // The sum so far, as a fraction.
  let above = 0n;
  let below = 1n;
  for (const { upTo, amount, per = 1 } of tiers) {
    const end = upTo === undefined || BigInt(upTo) > units ? units : BigInt(upTo);
    if (end <= counted) continue;
    above = above * BigInt(per) + (end - counted) * BigInt(amount) * below;
    below *= BigInt(per);
    counted = end;
  }
  return above / below;
}
