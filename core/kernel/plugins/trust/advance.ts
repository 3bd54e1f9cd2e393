import { type SignedRoot, thumbprint, verifyRoot } from "@plugboard/plugin-sdk/trust";
import type { Logger } from "@plugboard/service-kit/observe";
import { follow, requireFollows } from "./follow.ts";
import { requireDescends, type TrustedRoot } from "./follow-roots.ts";
import type { PinFile } from "./pin-file.ts";
import type { SharedPin } from "./shared-pin.ts";
import type { TrustSource } from "./source.ts";
import type { RegistryState } from "./state.ts";

/**
 * One step: asks the registry for what is new, holds it against all that was seen before (by this host, by the hosts over
 * the same database, and by whoever configured this one) and keeps it.
 *
 * @returns what is believed from now on
 * @throws what `follow` throws; what was kept then stays
 */
export type Advance = (believed: RegistryState | undefined) => Promise<RegistryState>;

/** @param kept what is kept already */
function isNews(next: RegistryState, kept: RegistryState | undefined): boolean {
  return kept?.signedCheckpoint !== next.signedCheckpoint || kept.root.version !== next.root.version;
}

export function createAdvance(options: {
  source: TrustSource;
  file: PinFile;
  shared: SharedPin;
  /** The root that this host is configured to trust. Without one it trusts the first that it meets. */
  pinnedRoot: SignedRoot | undefined;
  /** Whether the registry is this process's own, so that meeting it for the first time is no news. */
  isOwn: boolean;
  logger: Logger;
}): Advance {
  const { source, file, shared, pinnedRoot, isOwn, logger } = options;
  let pinned: TrustedRoot | undefined;
  let isHeldAgainstPin = false;

  async function readPinned(): Promise<TrustedRoot | undefined> {
    if (pinnedRoot) pinned ??= { root: await verifyRoot(pinnedRoot), signedRoot: pinnedRoot };
    return pinned;
  }

  return async function advance(believed) {
    const own = believed ?? (await file.read());
    const seen = await shared.read();
    const start = await readPinned();
    const next = await follow(source, own ?? seen ?? start);
    if (own && seen) await requireFollows(source, seen, next);
    if (start && !isHeldAgainstPin) await requireDescends(source, start, next.root);
    isHeldAgainstPin = true;
    if (!(own || seen || start)) await logFirstMeeting(next);
    // Mostly nothing is new, and whoever installs waits for this.
    if (isNews(next, believed)) await file.write(next);
    if (isNews(next, seen)) await shared.write(next);
    return next;
  };

  async function logFirstMeeting({ root }: RegistryState): Promise<void> {
    // With the word before it, a thumbprint is not taken for a secret, and redacted, that it may look like.
    const rootKeys = await Promise.all(root.rootKeys.map(async (key) => `kid ${await thumbprint(key)}`));
    const met = { version: root.version, threshold: root.threshold, rootKeys };
    if (isOwn) logger.info({ root: met }, "the root of this host's own registry is pinned");
    else
      logger.warn(
        { root: met },
        "this host meets its registry for the first time, and from now on trusts what follows from this root alone. Compare its keys with what the registry's operator says, or set PLUGBOARD_REGISTRY_ROOT before the first start",
      );
  }
}
