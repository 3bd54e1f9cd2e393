/** What a vendor says of a limit, as far as it says it. */
export interface VendorState {
  limit?: number;
  remaining?: number;
  /** Milliseconds since the epoch. */
  resetAt?: number;
  refillPerSecond?: number;
}

/** Knows how much of a limit is left. Time is what it is told; `cost` is in requests, or in points. */
export interface Meter {
  /** How long until `cost` passes, in ms: 0 for now, Infinity for not before something is given back. */
  waitMs(now: number, cost: number): number;
  take(now: number, cost: number): void;
  /** Of what counts at a time, when a request has ended. */
  giveBack?(cost: number): void;
  /** Another figure for what counts at a time. */
  most?(next: number): void;
  /** @param underWay what requests without a reply have taken: the vendor may not have counted them */
  told?(now: number, state: VendorState, underWay: number): void;
  /** Lets nothing through until all of it would be there again. */
  useUp?(now: number): void;
  /** What a request turned out to cost, after `estimate` was taken. */
  corrected?(now: number, cost: number, estimate: number): void;
  /** Whether a new one would say the same. */
  isIdle(now: number): boolean;
}
