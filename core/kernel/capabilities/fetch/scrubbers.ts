import { createScrubber, type Scrubber } from "@plugboard/plugin-sdk/exchange";

/** A secret is kept no longer than the idle sockets that have carried it. */
const idleMs = 4_000;

/** The scrubbers of connections in use: getting one ready costs more than all that the host looks at besides. */
export interface Scrubbers {
  of(connectionId: string, secrets: readonly string[]): Scrubber;
  close(): void;
}

interface Kept {
  scrubber: Scrubber;
  expiry: NodeJS.Timeout;
}

export function createScrubbers(): Scrubbers {
  const kept = new Map<string, Kept>();

  function forget(connectionId: string): void {
    clearTimeout(kept.get(connectionId)?.expiry);
    kept.delete(connectionId);
  }

  return {
    of(connectionId, secrets) {
      const known = kept.get(connectionId);
      if (known && isSame(known.scrubber.secrets, secrets)) {
        known.expiry.refresh();
        return known.scrubber;
      }
      forget(connectionId);
      const scrubber = createScrubber(secrets);
      const expiry = setTimeout(() => kept.delete(connectionId), idleMs).unref();
      kept.set(connectionId, { scrubber, expiry });
      return scrubber;
    },
    close() {
      for (const connectionId of [...kept.keys()]) forget(connectionId);
    },
  };
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}
