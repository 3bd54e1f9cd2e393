import { activeKeys, type Root, TrustError, thumbprint, verifyRoot } from "@plugboard/plugin-sdk/trust";
import { followLog, type LogPlace, type RegistryClient, TransparencyError } from "@plugboard/registry/client";
import { type EarlierPin, isOf, type RegistryState, standsBehind, verifyCheckpoint } from "./pinned.ts";

export type TrustSource = Pick<
  RegistryClient,
  "getRoot" | "getRootVersion" | "getCheckpoint" | "getLog" | "getRevocations"
>;

/** What the registry says now is not what can follow from what it said before. */
class NotFollowing extends Error {
  override readonly name = "NotFollowing";
}

/** A registry that changes while it is asked is asked again, so often. */
const mostTries = 3;

/** More roots than this at once, one by one, is no history but an attack on this host's time. */
const mostRoots = 1000;

/** So many entries are as many as a registry of the largest kind adds in years. */
const mostEntries = 1_000_000;

/**
 * Asks the registry for all that is new and verifies that it follows from what was believed before: each root by the
 * one before it, the checkpoint by a key of the newest, the log from the place where it was, the revocations by the
 * checkpoint.
 *
 * @throws NotFollowing, TrustError, TransparencyError; and what the client throws
 */
export async function follow(
  source: TrustSource,
  before: RegistryState | EarlierPin | undefined,
): Promise<RegistryState> {
  const known = before && "root" in before ? before : undefined;
  let trusted = await followRoots(source, before);
  for (let run = 1; ; run++) {
    try {
      return await readState(source, trusted, known);
    } catch (error) {
      // It changed between two answers; or they are not of one registry, and then they stay so.
      if (!isDistrust(error) || run === mostTries) throw error;
      trusted = await followRoots(source, trusted);
    }
  }
}

async function readState(
  source: TrustSource,
  { root, signedRoot }: TrustedRoot,
  known: RegistryState | undefined,
): Promise<RegistryState> {
  const signedCheckpoint = await source.getCheckpoint();
  const { payload: checkpoint, kid } = await verifyCheckpoint(signedCheckpoint, {
    ...root,
    // Only what signs now may say what is so now.
    onlineKeys: activeKeys(root.onlineKeys),
  });
  if (checkpoint.rootVersion !== root.version) {
    throw new NotFollowing(
      `The registry's checkpoint was made under root ${checkpoint.rootVersion}; it offers root ${root.version}.`,
    );
  }
  const revocations =
    known && isOf(known.revocations, checkpoint) ? known.revocations : await source.getRevocations();
  if (!isOf(revocations, checkpoint)) {
    throw new NotFollowing("The list of revocations is not the one that the checkpoint names.");
  }
  const next = { root, signedRoot, checkpoint, signedCheckpoint, checkpointKid: kid, revocations };
  const start = known && (await isSound(known, root)) ? known : undefined;
  return start ? followCheckpoint(source, start, next) : next;
}

/** What a key said that was stolen since is not held against the registry: it may be far ahead of the truth. */
async function isSound({ checkpointKid }: RegistryState, root: Root): Promise<boolean> {
  for (const key of root.onlineKeys) {
    if ((await thumbprint(key)) === checkpointKid) return key.stolen !== true;
  }
  return false;
}

type TrustedRoot = Pick<RegistryState, "root" | "signedRoot">;

async function followRoots(
  source: TrustSource,
  before: TrustedRoot | EarlierPin | undefined,
): Promise<TrustedRoot> {
  const newest = await source.getRoot();
  if (!before || !("root" in before)) {
    const root = await verifyRoot(newest);
    const first = before ? await source.getRootVersion(1) : undefined;
    if (before && first) return followFrom(source, await believeFirst(before, first), first, root.version);
    return { root, signedRoot: { signatures: newest.signatures } };
  }
  if (newest.version < before.root.version) {
    throw new NotFollowing(
      `The registry offers root ${newest.version}; this host has root ${before.root.version}.`,
    );
  }
  return followFrom(source, before.root, before.signedRoot, newest.version);
}

/** Keys that were pinned before there were roots stand behind the first root, or it is not this registry's. */
async function believeFirst(pin: EarlierPin, first: { signatures: string[] }): Promise<Root> {
  const root = await verifyRoot(first);
  if (await standsBehind(pin, first, root)) return root;
  throw new NotFollowing(
    "None of the keys that this host has pinned stands behind the registry's first root.",
  );
}

async function followFrom(
  source: TrustSource,
  from: Root,
  fromSigned: { signatures: string[] },
  to: number,
): Promise<TrustedRoot> {
  if (to - from.version > mostRoots)
    throw new NotFollowing(`The registry is ${to - from.version} roots ahead.`);
  let root = from;
  let signedRoot = { signatures: fromSigned.signatures };
  while (root.version < to) {
    const next = await source.getRootVersion(root.version + 1);
    root = await verifyRoot(next, root);
    signedRoot = { signatures: next.signatures };
  }
  return { root, signedRoot };
}

async function followCheckpoint(
  source: TrustSource,
  before: RegistryState,
  next: RegistryState,
): Promise<RegistryState> {
  const [was, is] = [before.checkpoint, next.checkpoint];
  if (is.seq < was.seq) {
    throw new NotFollowing(`The registry's checkpoint is at place ${is.seq}; this host has seen ${was.seq}.`);
  }
  if (is.seq === was.seq) {
    if (
      is.logHead !== was.logHead ||
      is.indexHash !== was.indexHash ||
      is.revocationsHash !== was.revocationsHash
    ) {
      throw new NotFollowing(`The registry has two different checkpoints for place ${is.seq}.`);
    }
    // The same again, an older copy perhaps: the longer one counts.
    return Date.parse(is.expiresAt) < Date.parse(was.expiresAt) && next.root.version === before.root.version
      ? before
      : next;
  }
  const end = await walk(source, { seq: was.seq, head: was.logHead }, is.seq);
  if (end.head !== is.logHead) {
    throw new NotFollowing(
      `The registry's log up to place ${is.seq} is not the one that its checkpoint names.`,
    );
  }
  return next;
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

/** Whether an error says that the registry is not to be believed, rather than that it does not answer. */
export function isDistrust(error: unknown): error is Error {
  return error instanceof NotFollowing || error instanceof TrustError || error instanceof TransparencyError;
}
