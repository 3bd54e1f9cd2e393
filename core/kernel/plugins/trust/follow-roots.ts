import { canonicalJson, type Root, verifyRoot } from "@plugboard/plugin-sdk/trust";
import { NotFollowing } from "./distrust.ts";
import { type EarlierPin, standsBehind } from "./pin-file.ts";
import type { TrustSource } from "./source.ts";
import type { RegistryState } from "./state.ts";

/** More roots than this at once, one by one, is no history but an attack on this host's time. */
const mostRoots = 1000;

/** A root and the signatures under it. */
export type TrustedRoot = Pick<RegistryState, "root" | "signedRoot">;

/** The newest root, and every one between: each signed by the one before it. */
export async function followRoots(
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

/**
 * Sees that the root is one that the given one leads to.
 *
 * @throws NotFollowing, TrustError; and what the client throws
 */
export async function requireDescends(source: TrustSource, from: TrustedRoot, root: Root): Promise<void> {
  if (root.version < from.root.version) {
    throw new NotFollowing(
      `The registry offers root ${root.version}; this host is configured to trust root ${from.root.version}.`,
    );
  }
  const reached = await followFrom(source, from.root, from.signedRoot, root.version);
  if (canonicalJson(reached.root) === canonicalJson(root)) return;
  throw new NotFollowing(
    "The root that this host has does not follow from the one that it is configured to trust.",
  );
}
