import type { CapabilityErrorCode } from "../errors.ts";
import { type EgressLimit, EgressLimitReached } from "./limits.ts";

/** Somebody's part of something that there is only so much of: places in flight, bytes in memory. */
export interface Share {
  /** Whose it is. */
  key: string;
  most: number;
  limit: EgressLimit;
  code: CapabilityErrorCode;
  /** The refusal, as a sentence. */
  message: string;
}

export interface Shares {
  /** Takes from all of the shares, or, if one of them has too little left, from none. @throws EgressLimitReached */
  take(shares: readonly Share[], amount: number): void;
  /** Takes what is there already, also where it is more than there should be: others are refused instead. */
  keep(shares: readonly Share[], amount: number): void;
  give(shares: readonly Share[], amount: number): void;
  taken(key: string): number;
}

export function createShares(): Shares {
  const amounts = new Map<string, number>();
  const taken = (key: string) => amounts.get(key) ?? 0;

  function add(shares: readonly Share[], amount: number): void {
    for (const { key } of shares) amounts.set(key, taken(key) + amount);
  }

  return {
    taken,
    take(shares, amount) {
      for (const { key, most, limit, code, message } of shares) {
        if (taken(key) + amount > most) throw new EgressLimitReached(limit, code, message);
      }
      add(shares, amount);
    },
    keep: add,
    give(shares, amount) {
      for (const { key } of shares) {
        const left = taken(key) - amount;
        if (left > 0) amounts.set(key, left);
        else amounts.delete(key);
      }
    },
  };
}
