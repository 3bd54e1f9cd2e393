import type { Checkpoint, OnlineKey, SignedRoot } from "@plugboard/plugin-sdk/trust";
import { type Revocations, withheldName } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import { isCode } from "../install.ts";
import { asCoreError } from "../registry-problems.ts";
import { createAdvance } from "./advance.ts";
import { isDistrust } from "./distrust.ts";
import { requireSameLog } from "./follow-log.ts";
import { openPinFile } from "./pin-file.ts";
import { notOfThisRegistry, notTrusted, registryStale, releaseBlocked } from "./problems.ts";
import { repeat } from "./repeat.ts";
import { openSharedPin } from "./shared-pin.ts";
import type { TrustSource } from "./source.ts";
import { type RegistryState, verifyCheckpoint } from "./state.ts";

/** What the registry says of a version, by its name; or, of a private one, by its package. */
type Blocked = Pick<Revocations["blocked"][number], "plugin" | "version" | "reason"> | Withheld;

interface Withheld {
  /** As {@link withheldName} gives it. */
  withheld: string;
  reason: string;
}

/** Which version is asked about. Without the digest of its package, only what is public is known of it. */
interface BlockedQuery {
  plugin: string;
  version: string;
  tarballSha512?: string;
}

/**
 * What this host believes about its registry. It is kept in `<data dir>/trust.json`, and in the database for the hosts
 * that share it, so that a registry that is replaced or taken over later does not become trusted by itself, and none can
 * go back on what it has said.
 */
export interface RegistryTrust {
  /** The keys whose signatures count, of the root that this host has. Asks the registry once in the life of a data folder. */
  onlineKeys(): Promise<OnlineKey[]>;
  /** All that this host believes now. */
  state(): Promise<RegistryState>;
  /**
   * Asks the registry for what is new.
   * @throws `registry-unavailable`, `registry-not-trusted`; what was believed before then stays
   */
  refresh(): Promise<void>;
  /**
   * The same, for whoever is about to take something from the registry that this host does not have yet.
   * @throws `registry-stale` too, when what the registry says now is older than its operator allows
   */
  requireFresh(): Promise<void>;
  /**
   * Sees that what was fetched is not of an older state of the registry than this host has seen, nor of another history.
   * @throws `registry-not-trusted`
   */
  requireCurrent(fetched: Checkpoint): Promise<void>;
  /**
   * Holds a checkpoint that another host was given against the log that this one is shown: a registry that tells its
   * hosts different things is found out when they compare.
   * @throws `invalid-request` when it is no checkpoint of this registry; `registry-not-trusted`, `registry-unavailable`
   */
  compare(signedCheckpoint: string): Promise<Checkpoint>;
  /** Why the registry has hosts stop this version, if it has. From memory, once anything was loaded. */
  blockOf(release: BlockedQuery): Pick<Blocked, "reason"> | undefined;
  /** @throws `release-blocked` when the registry says that hosts stop this version. From memory, once anything was loaded */
  refuseBlocked(release: BlockedQuery): void;
  /** Calls back when something is blocked that was not before. */
  onBlocked(listener: () => void): void;
  /** Calls back when the registry's log has gone on. */
  onAdvance(listener: () => void): void;
  /** Refreshes in the background, now and again; nothing waits for it. */
  watch(): { stop(): Promise<void> };
}

export interface TrustSettings {
  /** How long after it has run out a checkpoint or root still counts for something new. */
  stalenessMs: number;
  /** Between two refreshes in the background. */
  refreshMs: number;
  /** The root to trust before anything was met. Without one, the first that is met. */
  root?: SignedRoot | undefined;
}

export function openRegistryTrust(options: {
  dataDir: string;
  db: Kysely<CoreDatabase>;
  registry: TrustSource;
  /** Whether the registry is this process's own. */
  isOwn: boolean;
  settings: TrustSettings;
  logger: Logger;
  now?: () => number;
}): RegistryTrust {
  const { dataDir, db, registry, isOwn, settings, logger, now = Date.now } = options;
  const file = openPinFile(dataDir);
  const shared = openSharedPin({ db, logger });
  const step = createAdvance({ source: registry, file, shared, pinnedRoot: settings.root, isOwn, logger });
  const blockListeners: (() => void)[] = [];
  const advanceListeners: (() => void)[] = [];
  let believed: RegistryState | undefined;
  let blocked: ReadonlyMap<string, Blocked> = new Map();
  let loading: Promise<RegistryState> | undefined;
  let refreshing: Promise<RegistryState> | undefined;

  function blockOf({ plugin, version, tarballSha512 }: BlockedQuery): Blocked | undefined {
    // Asked at every call, and mostly nothing is.
    if (blocked.size === 0) return undefined;
    const withheld = tarballSha512 === undefined ? undefined : blocked.get(withheldName(tarballSha512));
    return withheld ?? blocked.get(nameOf({ plugin, version }));
  }

  function believe(state: RegistryState): RegistryState {
    const all = allBlocked(state.revocations);
    const isMore = all.some((one) => !blocked.has(nameOf(one)));
    const isFurther = believed !== undefined && state.checkpoint.seq > believed.checkpoint.seq;
    believed = state;
    blocked = new Map(all.map((one) => [nameOf(one), one]));
    if (isMore) for (const listener of blockListeners) listener();
    if (isFurther) for (const listener of advanceListeners) listener();
    return state;
  }

  async function load(): Promise<RegistryState> {
    const read = await file.read();
    return read && "root" in read ? believe(read) : advance();
  }

  /** From disk if need be, from the registry if it was never met. */
  function state(): Promise<RegistryState> {
    if (believed) return Promise.resolve(believed);
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  }

  async function advance(): Promise<RegistryState> {
    return believe(await inOurWords(() => step(believed)));
  }

  /** One at a time; whoever comes meanwhile gets the same. */
  function refresh(): Promise<RegistryState> {
    refreshing ??= (async () => {
      await state();
      return advance();
    })().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  function requireInTime(what: "root" | "checkpoint", expiresAt: string): void {
    if (Date.parse(expiresAt) + settings.stalenessMs <= now()) throw registryStale(what, expiresAt);
  }

  return {
    onlineKeys: async () => (await state()).root.onlineKeys,
    state,

    async refresh() {
      await refresh();
    },

    async requireFresh() {
      const { root, checkpoint } = await refresh();
      requireInTime("root", root.expiresAt);
      requireInTime("checkpoint", checkpoint.expiresAt);
    },

    async requireCurrent(fetched) {
      let { checkpoint } = await state();
      if (fetched.seq > checkpoint.seq) checkpoint = (await refresh()).checkpoint;
      if (fetched.seq < checkpoint.seq) {
        throw notTrusted(
          `It answered as of place ${fetched.seq} of its log; this host has seen ${checkpoint.seq}.`,
        );
      }
      if (
        fetched.seq > checkpoint.seq ||
        fetched.logHead !== checkpoint.logHead ||
        fetched.indexHash !== checkpoint.indexHash
      ) {
        throw notTrusted(`It has two different states for place ${fetched.seq} of its log.`);
      }
    },

    async compare(signedCheckpoint) {
      const { root, checkpoint } = await refresh();
      const { payload } = await verifyCheckpoint(signedCheckpoint, root).catch((error) => {
        throw notOfThisRegistry(error);
      });
      await inOurWords(() => requireSameLog(registry, payload, checkpoint));
      return payload;
    },

    blockOf,

    refuseBlocked(release) {
      const block = blockOf(release);
      if (block) throw releaseBlocked(release, block.reason);
    },

    onBlocked(listener) {
      blockListeners.push(listener);
    },

    onAdvance(listener) {
      advanceListeners.push(listener);
    },

    watch() {
      const look = async () => {
        await refresh().catch((error) => {
          // Away is nothing new: whoever needs the registry is told so. What does not follow is an attack, or a defect.
          if (isCode(error, "registry-unavailable"))
            logger.debug({ err: error }, "the registry does not answer");
          else logger.error({ err: error }, "the registry is not believed");
        });
      };
      // What is blocked is known from the start, not only once something was loaded; why it is not, is told to whoever asks.
      const loaded = state().then(
        () => {},
        () => {},
      );
      const looking = repeat(look, settings.refreshMs);
      return {
        async stop() {
          await looking.stop();
          await loaded;
        },
      };
    },
  };
}

async function inOurWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDistrust(error)) throw notTrusted(error.message, error);
    throw asCoreError(error);
  }
}

/** Why is not said in public; the registry says it to the tenant's host, in the plugin's listing. */
const withheldReason = "Its publisher or the registry withdrew it.";

function allBlocked({ blocked, withheld = [] }: Revocations): Blocked[] {
  return [...blocked, ...withheld.map((name) => ({ withheld: name, reason: withheldReason }))];
}

function nameOf(one: { plugin: string; version: string } | Withheld): string {
  return "withheld" in one ? one.withheld : `${one.plugin}@${one.version}`;
}
