export interface BucketSize {
  /** Points that fit. */
  maximumAvailable: number;
  /** Points that come back each second. */
  restoreRate: number;
}

export interface ThrottleStatus extends BucketSize {
  currentlyAvailable: number;
}

/** The leaky bucket of one app in one shop (https://shopify.dev/docs/api/usage/limits). */
export interface Bucket {
  /** Takes the points that a query may cost at most; false, and nothing is taken, when there are not so many. */
  take(points: number): boolean;
  /** Gives back what a query did not cost after all. */
  refund(points: number): void;
  status(): ThrottleStatus;
}

export function createBucket({ maximumAvailable, restoreRate }: BucketSize, nowMs: () => number): Bucket {
  let available = maximumAvailable;
  let countedAt = nowMs();

  const restore = () => {
    const now = nowMs();
    available = Math.min(maximumAvailable, available + ((now - countedAt) / 1000) * restoreRate);
    countedAt = now;
  };

  return {
    take(points) {
      restore();
      if (points > available) return false;
      available -= points;
      return true;
    },
    refund(points) {
      restore();
      available = Math.min(maximumAvailable, available + points);
    },
    status() {
      restore();
      return { maximumAvailable, currentlyAvailable: Math.floor(available), restoreRate };
    },
  };
}
