import type { Checkpoint } from "@plugboard/plugin-sdk/trust";
import { followLog, type LogPlace } from "@plugboard/registry/client";
import { NotFollowing } from "./distrust.ts";
import type { TrustSource } from "./source.ts";

/** So many entries are as many as a registry of the largest kind adds in years. */
const mostEntries = 1_000_000;

/**
 * Sees that one checkpoint follows from the other, on one and the same log.
 *
 * @throws NotFollowing, TransparencyError; and what the client throws
 */
export async function requireSameLog(source: TrustSource, was: Checkpoint, is: Checkpoint): Promise<void> {
  if (is.seq < was.seq) {
    throw new NotFollowing(
      `The registry's checkpoint is at place ${is.seq}; place ${was.seq} has been seen.`,
    );
  }
  if (is.seq === was.seq) {
    const isEqual =
      is.logHead === was.logHead &&
      is.indexHash === was.indexHash &&
      is.revocationsHash === was.revocationsHash;
    if (isEqual) return;
    throw new NotFollowing(`The registry has two different checkpoints for place ${is.seq}.`);
  }
  const end = await walk(source, { seq: was.seq, head: was.logHead }, is.seq);
  if (end.head === is.logHead) return;
  throw new NotFollowing(
    `The registry's log up to place ${is.seq} is not the one that its checkpoint names.`,
  );
}

async function walk(source: TrustSource, from: LogPlace, to: number): Promise<LogPlace> {
  if (to - from.seq > mostEntries) throw new NotFollowing(`Its log is ${to - from.seq} entries ahead.`);
  let place = from;
  while (place.seq < to) {
    const entries = (await source.getLog(place.seq)).filter(({ seq }) => seq <= to);
    if (entries.length === 0)
      throw new NotFollowing(`The registry's log has nothing after place ${place.seq}.`);
    place = followLog(place, entries);
  }
  return place;
}
