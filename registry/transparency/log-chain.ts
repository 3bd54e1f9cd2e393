import { canonicalJson, sha256Hex } from "@plugboard/plugin-sdk/trust";
import { TransparencyError } from "./errors.ts";

/** What is said in public: what was published, by whom, and what became of it. */
export const logEntryTypes = [
  "root",
  "delegation",
  "release",
  "add-key",
  "retire-key",
  "revoke-key",
  "yank",
  "unyank",
  "deprecate",
  "undeprecate",
  "block",
  "unblock",
  // Anything about a plugin of one tenant: what it was is said to that tenant alone.
  "private",
] as const;
export type LogEntryType = (typeof logEntryTypes)[number];

export interface LogEntry {
  /** 1 for the first; without gaps. */
  seq: number;
  type: LogEntryType;
  /** SHA-256 of what was said, lowercase hex. */
  bodyHash: string;
  /** Digest of the entry before. */
  prev: string;
  at: string;
}

/** A place in the log: all that comes before is fixed by its digest. */
export interface LogPlace {
  seq: number;
  head: string;
}

/** Before the first entry. */
export const logStart: LogPlace = { seq: 0, head: "0".repeat(64) };

/** The digest that the next entry names. */
export function entryHash({ seq, type, bodyHash, prev, at }: LogEntry): string {
  return sha256Hex(canonicalJson({ seq, type, bodyHash, prev, at }));
}

/**
 * Follows the chain over entries that come right after a place.
 *
 * @returns the place after the last of them
 * @throws TransparencyError `log-broken` at the first entry that does not follow
 */
export function followLog(from: LogPlace, entries: LogEntry[]): LogPlace {
  let place = from;
  for (const entry of entries) {
    if (entry.seq !== place.seq + 1 || entry.prev !== place.head) {
      throw new TransparencyError(
        "log-broken",
        `Entry ${entry.seq} of the log does not follow entry ${place.seq}.`,
      );
    }
    place = { seq: entry.seq, head: entryHash(entry) };
  }
  return place;
}
