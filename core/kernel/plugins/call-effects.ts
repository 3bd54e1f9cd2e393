import type { Capability } from "@plugboard/sandbox";
import type { RequestRecord } from "../capabilities/index.ts";

/** What a call of plugin code has done besides computing, as far as the host can tell. */
export interface CallEffects {
  /** A capability was used. */
  readonly used: boolean;
  /** Something may have been changed: at a vendor, in storage, in the event log. What is under way may come to it. */
  readonly had: boolean;
  /** A use begins, of what may change something or never does. @returns to be called once, with whether it may have */
  begin(mayChange: boolean): (mayHaveChanged: boolean) => void;
}

export function createCallEffects(): CallEffects {
  let used = false;
  let had = false;
  let underWay = 0;
  return {
    get used() {
      return used;
    },
    get had() {
      return had || underWay > 0;
    },
    begin(mayChange) {
      used = true;
      if (!mayChange) return () => {};
      underWay += 1;
      return (mayHaveChanged) => {
        underWay -= 1;
        had ||= mayHaveChanged;
      };
    },
  };
}

/** Of the host's own capabilities, those that change nothing. */
const reading: readonly string[] = [
  ...["storage.get", "storage.entry", "storage.list"],
  // A file is not there before it is finished; what `files.fetch` does is its request's to tell.
  ...["files.get", "files.read", "files.lines", "files.create", "files.append", "files.fetch"],
];

/** The same capability, whose uses are told to `effects`. */
export function telling(name: string, capability: Capability, effects: CallEffects): Capability {
  const mayChange = !reading.includes(name);
  const told: Capability = async (argument, context) => {
    const end = effects.begin(mayChange);
    try {
      return await capability(argument, context);
    } finally {
      end(true);
    }
  };
  // The sandbox looks whether it is there.
  if (capability.checkSize) told.checkSize = capability.checkSize;
  return told;
}

/** Methods that change nothing at the vendor (RFC 9110, 9.2.1). A GraphQL query is a POST as any other here. */
export function isSafe(method: unknown): boolean {
  return ["GET", "HEAD", "OPTIONS"].includes(String(method));
}

/**
 * Whether a request that has ended may have changed something. One that was never sent has not, and neither has one that
 * the vendor refused (RFC 9110, 15.5); of several attempts an earlier one may have.
 */
export function mayHaveChanged({ method, attempts, status = 0 }: RequestRecord): boolean {
  if (attempts === 0 || isSafe(method)) return false;
  const isRefused = attempts === 1 && status >= 400 && status < 500 && status !== timedOut;
  return !isRefused;
}

/** The vendor gave up on a request that it may have begun with. */
const timedOut = 408;
