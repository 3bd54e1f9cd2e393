import type { Checkpoint, OnlineKey } from "@plugboard/plugin-sdk/trust";
import type { Revocations } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import { coreError } from "../../../errors.ts";
import { isCode } from "../install.ts";
import { asCoreError } from "../registry-problems.ts";
import { follow, isDistrust, type TrustSource } from "./follow.ts";
import { openPinFile, type RegistryState } from "./pinned.ts";

type BlockedVersion = Revocations["blocked"][number];

/**
 * What this host believes about its registry. It is kept in `<data dir>/trust.json`, so that a registry that is replaced
 * or taken over later does not become trusted by itself, and none can go back on what it has said.
 */
export interface RegistryTrust {
  /** The keys whose signatures count, of the root that this host has. Asks the registry once in the life of a data folder. */
  onlineKeys(): Promise<OnlineKey[]>;
  /** The highest checkpoint that this host has seen. */
  checkpoint(): Promise<Checkpoint>;
  /**
   * Asks the registry for what is new.
   * @throws `registry-unavailable`, `registry-not-trusted`; what was believed before then stays
   */
  refresh(): Promise<void>;
  /**
   * The same, for whoever is about to take something from the registry that this host does not have yet.
   * @throws `registry-stale` too, when what the registry says now is older than its operator allows
   */
  requireFresh(): Promise<Checkpoint>;
  /**
   * Sees that what was fetched is not of an older state of the registry than this host has seen, nor of another history.
   * @throws `registry-not-trusted`
   */
  requireCurrent(fetched: Checkpoint): Promise<void>;
  /** Why the registry has hosts stop this version, if it has. From memory, once anything was loaded. */
  blockOf(release: { plugin: string; version: string }): BlockedVersion | undefined;
  /** @throws `release-blocked` when the registry says that hosts stop this version. From memory, once anything was loaded */
  refuseBlocked(release: { plugin: string; version: string }): void;
  /** Calls back with what is blocked that was not before. */
  onBlocked(listener: (blocked: BlockedVersion[]) => void): void;
  /** Refreshes in the background, now and again; nothing waits for it. */
  watch(): { stop(): Promise<void> };
}

export interface TrustSettings {
  /** How long after it has run out a checkpoint or root still counts for something new. */
  stalenessMs: number;
  /** Between two refreshes in the background. Varied by a quarter, so that hosts do not come all at once. */
  refreshMs: number;
}

export function openRegistryTrust(options: {
  dataDir: string;
  registry: TrustSource;
  settings: TrustSettings;
  logger: Logger;
  now?: () => number;
}): RegistryTrust {
  const { registry, settings, logger, now = Date.now } = options;
  const file = openPinFile(options.dataDir);
  const listeners: ((blocked: BlockedVersion[]) => void)[] = [];
  let believed: RegistryState | undefined;
  let blocked: ReadonlyMap<string, BlockedVersion> = new Map();
  let loading: Promise<RegistryState> | undefined;
  let refreshing: Promise<RegistryState> | undefined;

  function blockOf(release: { plugin: string; version: string }): BlockedVersion | undefined {
    return blocked.get(nameOf(release));
  }

  function believe(state: RegistryState): RegistryState {
    const added = state.revocations.blocked.filter((one) => !blocked.has(nameOf(one)));
    believed = state;
    blocked = new Map(state.revocations.blocked.map((one) => [nameOf(one), one]));
    if (added.length > 0) for (const listener of listeners) listener(added);
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
    try {
      const next = await follow(registry, believed ?? (await file.read()));
      await file.write(next);
      return believe(next);
    } catch (error) {
      if (isDistrust(error)) throw notTrusted(error.message, error);
      throw asCoreError(error);
    }
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

  function requireInTime(what: string, expiresAt: string): void {
    if (Date.parse(expiresAt) + settings.stalenessMs > now()) return;
    throw coreError(
      "registry-stale",
      `The registry's ${what} ran out at ${expiresAt}, so nothing new is taken from it. What is installed keeps running. Whoever runs the registry has to see why it is not renewed.`,
    );
  }

  return {
    onlineKeys: async () => (await state()).root.onlineKeys,
    checkpoint: async () => (await state()).checkpoint,

    async refresh() {
      await refresh();
    },

    async requireFresh() {
      const { root, checkpoint } = await refresh();
      requireInTime("root", root.expiresAt);
      requireInTime("checkpoint", checkpoint.expiresAt);
      return checkpoint;
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

    blockOf,

    refuseBlocked(release) {
      const block = blockOf(release);
      if (block) throw releaseBlocked(release, block.reason);
    },

    onBlocked(listener) {
      listeners.push(listener);
    },

    watch() {
      let timer: NodeJS.Timeout | undefined;
      let isStopped = false;
      let running: Promise<void> = Promise.resolve();
      const look = async () => {
        await refresh().catch((error) => {
          // Away is nothing new: whoever needs the registry is told so. What does not follow is an attack, or a defect.
          if (isCode(error, "registry-unavailable"))
            logger.debug({ err: error }, "the registry does not answer");
          else logger.error({ err: error }, "the registry is not believed");
        });
        plan();
      };
      const plan = () => {
        if (isStopped) return;
        const waitMs = settings.refreshMs * (0.75 + Math.random() / 2);
        timer = setTimeout(() => {
          running = look();
        }, waitMs).unref();
      };
      // What is blocked is known from the start, not only once something was loaded.
      running = state().then(
        () => {},
        () => {},
      );
      plan();
      return {
        async stop() {
          isStopped = true;
          clearTimeout(timer);
          await running;
        },
      };
    },
  };
}

function nameOf({ plugin, version }: { plugin: string; version: string }): string {
  return `${plugin}@${version}`;
}

/** What callers and installers of a version get that the registry has blocked. */
export function releaseBlocked({ plugin, version }: { plugin: string; version: string }, reason: string) {
  return coreError(
    "release-blocked",
    `The registry has blocked ${plugin} ${version}, so it is neither installed nor run: ${reason} Move the install to another version.`,
    { plugin, version, reason },
  );
}

function notTrusted(why: string, cause?: unknown) {
  return coreError("registry-not-trusted", `The registry is not believed: ${why}`, {}, { cause });
}
