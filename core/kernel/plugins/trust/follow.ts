import {
  activeKeys,
  canonicalJson,
  type OnlineKey,
  type Root,
  thumbprint,
} from "@plugboard/plugin-sdk/trust";
import { isDistrust, NotFollowing } from "./distrust.ts";
import { requireSameLog } from "./follow-log.ts";
import { readRevocations } from "./follow-revocations.ts";
import { followRoots, type TrustedRoot } from "./follow-roots.ts";
import type { EarlierPin } from "./pin-file.ts";
import type { TrustSource } from "./source.ts";
import { isOf, type RegistryState, verifyCheckpoint } from "./state.ts";

/** A registry that changes while it is asked is asked again, so often. */
const mostTries = 3;

/**
 * Asks the registry for all that is new and verifies that it follows from what was believed before: each root by the
 * one before it, the checkpoint by a key of the newest, the log from the place where it was, the revocations by the
 * checkpoint.
 *
 * @throws NotFollowing, TrustError, TransparencyError; and what the client throws
 */
export async function follow(
  source: TrustSource,
  before: RegistryState | TrustedRoot | EarlierPin | undefined,
): Promise<RegistryState> {
  const known = before && "checkpoint" in before ? before : undefined;
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
  const revocations = await readRevocations(source, known, checkpoint);
  if (!isOf(revocations, checkpoint)) {
    throw new NotFollowing("The list of revocations is not the one that the checkpoint names.");
  }
  const next = { root, signedRoot, checkpoint, signedCheckpoint, checkpointKid: kid, revocations };
  const start = known && (await isSound(known, root)) ? known : undefined;
  return start ? followCheckpoint(source, start, next) : next;
}

/** What a key said that was stolen since is not held against the registry: it may be far ahead of the truth. */
async function isSound({ checkpointKid }: RegistryState, root: Root): Promise<boolean> {
  const key = await findKey(root, checkpointKid);
  return key !== undefined && key.stolen !== true;
}

async function findKey(root: Root, kid: string): Promise<OnlineKey | undefined> {
  for (const key of root.onlineKeys) {
    if ((await thumbprint(key)) === kid) return key;
  }
  return undefined;
}

/**
 * Sees that a state follows from what another host has seen of the registry, as it would have to from this one's own.
 *
 * @throws NotFollowing, TransparencyError; and what the client throws
 */
export async function requireFollows(
  source: TrustSource,
  seen: RegistryState,
  next: RegistryState,
): Promise<void> {
  const [was, is] = [seen.root, next.root];
  if (is.version < was.version) {
    throw new NotFollowing(
      `The registry offers root ${is.version}; another host has seen root ${was.version}.`,
    );
  }
  if (is.version === was.version && canonicalJson(is) !== canonicalJson(was)) {
    throw new NotFollowing(`The registry has two different roots ${is.version}, one for another host.`);
  }
  const key = await findKey(is, seen.checkpointKid);
  if (!key) throw new NotFollowing("Another host over this database follows another registry.");
  if (key.stolen !== true) await requireSameLog(source, seen.checkpoint, next.checkpoint);
}

async function followCheckpoint(
  source: TrustSource,
  before: RegistryState,
  next: RegistryState,
): Promise<RegistryState> {
  await requireSameLog(source, before.checkpoint, next.checkpoint);
  // The same again, an older copy perhaps: the longer one counts.
  const isOlder = Date.parse(next.checkpoint.expiresAt) < Date.parse(before.checkpoint.expiresAt);
  const isSame = next.checkpoint.seq === before.checkpoint.seq && next.root.version === before.root.version;
  return isSame && isOlder ? before : next;
}
