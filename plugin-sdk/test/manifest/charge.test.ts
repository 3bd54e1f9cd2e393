import assert from "node:assert/strict";
import { test } from "node:test";
import { chargeOf, type PriceTier } from "@plugboard/plugin-sdk/manifest";
import fc from "fast-check";

const flat = [{ amount: 3, per: 2 }];

test("a charge is rounded down once, over all units", () => {
  assert.deepEqual(
    [0n, 1n, 2n, 3n, 1001n].map((units) => chargeOf(flat, units)),
    [0n, 1n, 3n, 4n, 1501n],
  );
});

test("each tier is for the units above the one before, and a first tier for nothing is what is included", () => {
  const tiers = [
    { upTo: 1000, amount: 0 },
    { upTo: 2000, amount: 5 },
    { amount: 1, per: 10 },
  ];
  assert.deepEqual(
    [1000n, 1001n, 2000n, 2009n, 2010n].map((units) => chargeOf(tiers, units)),
    [0n, 5n, 5000n, 5000n, 5001n],
  );
});

test("what tiers leave over is added before it is rounded", () => {
  const tiers = [
    { upTo: 1, amount: 1, per: 2 },
    { amount: 1, per: 2 },
  ];
  assert.equal(chargeOf(tiers, 2n), 1n);
});

test("the largest numbers that there may be are exact", () => {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  assert.equal(chargeOf([{ amount: 1_000_000_000_000 }], most), most * 1_000_000_000_000n);
  const thirds = [{ amount: 1_000_000_000_000, per: 999_999_999 }];
  assert.equal(chargeOf(thirds, most), (most * 1_000_000_000_000n) / 999_999_999n);
});

const tier = fc.record({
  size: fc.integer({ min: 1, max: 50 }),
  amount: fc.integer({ min: 0, max: 100 }),
  per: fc.integer({ min: 1, max: 7 }),
});

test("it is what counting unit by unit comes to, and one more unit never costs less", () => {
  fc.assert(
    fc.property(
      fc.array(tier, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 200 }),
      (sizes, units) => {
        let end = 0;
        const tiers: PriceTier[] = sizes.map(({ size, amount, per }, index) => {
          end += size;
          return { amount, per, ...(index < sizes.length - 1 && { upTo: end }) };
        });
        // 420 is a multiple of every `per`, so that each unit's price is whole.
        let sum = 0;
        for (let unit = 1; unit <= units; unit++) {
          const { amount = 0, per = 1 } =
            tiers.find(({ upTo = Number.POSITIVE_INFINITY }) => unit <= upTo) ?? {};
          sum += (amount * 420) / per;
        }
        assert.equal(chargeOf(tiers, BigInt(units)), BigInt(Math.floor(sum / 420)));
        assert.ok(chargeOf(tiers, BigInt(units + 1)) >= chargeOf(tiers, BigInt(units)));
      },
    ),
  );
});
