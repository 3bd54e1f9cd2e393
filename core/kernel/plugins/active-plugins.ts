import { compileOffer, type Manifest, type Offer, type OfferTarget } from "@plugboard/plugin-sdk/manifest";
import type { VerifiedRelease } from "@plugboard/registry/client";
import {
  createThreadBudget,
  type Isolation,
  openSandbox,
  SandboxError,
  type SandboxEvent,
} from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { coreError } from "../../errors.ts";
import type { LimitReached, PluginSettings } from "../limits/index.ts";
import type { Quarantine } from "./quarantine/index.ts";
import { createReleaseSandbox, type ReleaseSandbox } from "./release-sandbox.ts";

/** A plugin version that runs in this process: its code in a sandbox, with the checks of what goes in and out. */
export interface ActivePlugin {
  manifest: Manifest;
  sandbox: Pick<ReleaseSandbox, "begin" | "describe">;
  /** The checks of something that the plugin offers, compiled at first use; undefined where it offers no such thing. */
  offer(target: OfferTarget): Offer | undefined;
}

/** Which release is meant: the digest is the identity, id and version are for people. */
export interface ReleaseName {
  plugin: string;
  version: string;
  tarballSha512: string;
  /** For whom it is fetched, where this host has it not: what is private is handed out to its tenant alone. */
  tenantId?: string;
}

export interface ActivePlugins {
  /** The running plugin, started at first use. @throws `release-not-trusted`, `plugin-load-failed`, … */
  get(release: ReleaseName): Promise<ActivePlugin>;
  /** Starts the plugin and loads its code, so that a release that cannot run is refused before it is installed. */
  probe(release: ReleaseName): Promise<ActivePlugin>;
  /** Keeps the release from being retired while `work` decides whether an install will run it. */
  claim<T>(release: ReleaseName, work: () => Promise<T>): Promise<T>;
  /** Gives the tenant's calls in every release of the plugin but `current` the plugin's `drainMs` to end. */
  drain(left: { tenantId: string; plugin: string; current: string }): void;
  /** The digests of the releases that this host has started and that nobody claims. */
  unclaimed(): string[];
  /** Gives up a release that no install runs; calls under way may take as long to end. */
  retire(digest: string): Promise<void>;
  /** Ends what runs of these releases, calls under way too: they must not run here any more. */
  stop(isStopped: (release: ReleaseName) => boolean): void;
  /** Gives a release a fresh sandbox for the calls from now on. */
  renew(digest: string): Promise<void>;
  /** The publishers whose code runs in this process, for somebody vouches for them. */
  vouchedFor(): string[];
  /**
   * Asks anew whether somebody vouches for a publisher. Where nobody does, the code gets a process of its own for the calls
   * from now on; those under way may take as long to end as when their install changes its version.
   */
  reconsider(publisher: string): Promise<void>;
  close(graceMs: number): Promise<void>;
}

export function createActivePlugins(options: {
  loadRelease: (release: ReleaseName) => Promise<VerifiedRelease>;
  settings: Pick<PluginSettings, "host" | "isolation" | "limits" | "sandboxLimits">;
  limitReached: LimitReached;
  quarantine: Pick<Quarantine, "admit" | "count">;
  /** @throws what callers of a version get that must not run */
  refuseBlocked: (release: ReleaseName) => void;
  logger: Logger;
}): ActivePlugins {
  const { loadRelease, settings, limitReached, quarantine, refuseBlocked, logger } = options;
  const { threads: max, threadsPerTenant: maxPerTenant } = settings.host;
  const threads = createThreadBudget({ max, maxPerTenant });
  const active = new Map<string, Active>();
  const claims = new Map<string, number>();
  /** What has something open: those of `active`, and those retired that still end, or that a late call opened again. */
  const open = new Map<ReleaseSandbox, ReleaseName>();
  let isClosed = false;

  async function activate(release: ReleaseName): Promise<StartedPlugin> {
    const verified = await loadRelease(release);
    const { manifest, mainCode } = verified;
    const isolation = settings.isolation(manifest.id);
    const trusted = { isVouchedFor: verified.publisherVerified };
    const log = logger.child({ plugin: manifest.id, version: manifest.version });
    const code = {
      id: manifest.id,
      version: manifest.version,
      code: mainCode,
      binary: manifest.permissions?.binary !== undefined,
    };
    const sandbox: ReleaseSandbox = createReleaseSandbox({
      open(onEvent) {
        if (isClosed) throw new SandboxError("plugin-closed", "The host is stopping.");
        refuseBlocked(release);
        open.set(sandbox, release);
        return openSandbox(code, {
          threads,
          limits: settings.sandboxLimits(manifest.id),
          isolation: isolation ?? isolationOf(trusted),
          onOutput: (stream, output) =>
            log.warn({ stream, output }, "the plugin's thread wrote to its output"),
          onEvent,
        });
      },
      onGone: () => open.delete(sandbox),
      async admit(tenantId) {
        refuseBlocked(release);
        await quarantine.admit(release, tenantId);
        // Blocked meanwhile: what ran was ended then, and nothing ends what this call would start.
        refuseBlocked(release);
      },
      onEvent(event) {
        logEvent(log, event);
        if (event.type === "limit-reached") limitReached(manifest.id, event.limit);
      },
      onCrash: (crash) => quarantine.count(release, crash),
      onLeftBehind: () => limitReached(manifest.id, "drainMs"),
    });
    return { manifest, sandbox, offer: createOffers(manifest), trusted: isolation ? undefined : trusted };
  }

  function get(release: ReleaseName): Promise<StartedPlugin> {
    if (isClosed) return Promise.reject(stopping(release));
    const held = active.get(release.tarballSha512);
    if (held) return held.starting;
    const starting = activate(release);
    const next: Active = { plugin: release.plugin, release, starting };
    active.set(release.tarballSha512, next);
    starting.then(
      (started) => {
        next.started = started;
      },
      () => {},
    );
    // What could not start is tried again at the next call: the reason may have been the disk or the registry.
    starting.catch(() => {
      if (active.get(release.tarballSha512) === next) active.delete(release.tarballSha512);
    });
    return starting;
  }

  /** How long calls under way may go on: those that are left behind are aborted first, and told why. */
  const graceMs = (plugin: string) => settings.limits(plugin).drainMs + endingMs;

  return {
    get,

    async probe(release) {
      const plugin = await get(release);
      try {
        await plugin.sandbox.describe();
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error;
        throw coreError(
          "plugin-load-failed",
          `${release.plugin} ${release.version} could not be started: ${error.thrown?.message ?? error.message}`,
          {},
          { cause: error },
        );
      }
      return plugin;
    },

    async claim({ tarballSha512 }, work) {
      claims.set(tarballSha512, (claims.get(tarballSha512) ?? 0) + 1);
      try {
        return await work();
      } finally {
        const rest = (claims.get(tarballSha512) ?? 1) - 1;
        if (rest > 0) claims.set(tarballSha512, rest);
        else claims.delete(tarballSha512);
      }
    },

    drain({ tenantId, plugin, current }) {
      const { drainMs } = settings.limits(plugin);
      for (const [digest, release] of active) {
        if (digest === current || release.plugin !== plugin) continue;
        release.starting.then(({ sandbox }) => sandbox.drain(tenantId, drainMs)).catch(() => {});
      }
    },

    unclaimed: () => [...active.keys()].filter((digest) => !claims.has(digest)),

    async retire(digest) {
      const held = active.get(digest);
      active.delete(digest);
      if (held) await (await held.starting).sandbox.retire(graceMs(held.plugin));
    },

    stop(isStopped) {
      // What is starting has nothing open yet, and is refused when it comes to that.
      for (const [sandbox, release] of open) {
        if (!isStopped(release)) continue;
        const { plugin, version } = release;
        sandbox.abort().catch((err) => logger.error({ plugin, version, err }, "a plugin could not be ended"));
      }
    },

    async renew(digest) {
      const held = active.get(digest);
      if (held) await (await held.starting).sandbox.renew(graceMs(held.plugin));
    },

    vouchedFor: () => [...new Set([...active.values()].filter(mayBeInProcess).map(publisherOf))],

    async reconsider(publisher) {
      const vouched = [...active.values()].filter(
        (one) => mayBeInProcess(one) && publisherOf(one) === publisher,
      );
      for (const { release, starting, plugin } of vouched) {
        const started = await starting.catch(() => undefined);
        // One that cannot be learnt of keeps the others from nothing.
        const isVouchedFor = await loadRelease(release).then(
          ({ publisherVerified }) => publisherVerified,
          (err) => {
            logger.warn({ plugin, err }, "whether somebody vouches for a release could not be learnt");
            return true;
          },
        );
        if (isVouchedFor || !started?.trusted?.isVouchedFor) continue;
        started.trusted.isVouchedFor = false;
        logger.info({ plugin, version: release.version }, "nobody vouches for a plugin's publisher any more");
        // Nobody waits for the calls under way.
        started.sandbox
          .renew(graceMs(plugin))
          .catch((err) => logger.error({ plugin, err }, "a plugin's thread could not be given up"));
      }
    },

    async close(graceMs) {
      isClosed = true;
      active.clear();
      await Promise.all([...open.keys()].map((sandbox) => sandbox.close(graceMs)));
    },
  };
}

const endingMs = 1_000;

function stopping({ plugin }: ReleaseName) {
  const detail = `${plugin} is not called any more: this host is stopping.`;
  return coreError("plugin-crashed", detail, { retryable: true }, { headers: { "Retry-After": "1" } });
}

/** What `get` gives, with what only this module does with it. */
interface StartedPlugin extends ActivePlugin {
  sandbox: ReleaseSandbox;
  /** Absent where the operator has said where it runs. */
  trusted: { isVouchedFor: boolean } | undefined;
}

interface Active {
  plugin: string;
  release: ReleaseName;
  starting: Promise<StartedPlugin>;
  started?: StartedPlugin;
}

/** What is still starting was vouched for when it began, for all that is known. */
const mayBeInProcess = ({ started }: Active) => !started || started.trusted?.isVouchedFor === true;
const publisherOf = ({ plugin }: Active) => plugin.split("/")[0] ?? plugin;

/**
 * The code of a publisher that nobody vouches for runs in a process of its own. In a thread of this process it could end
 * the host by one large allocation, or hold a core with a loop that V8 cannot interrupt; a process the operating system
 * ends. Whether somebody vouches is the registry's signed word, not the plugin's name.
 */
function isolationOf({ isVouchedFor }: { isVouchedFor: boolean }): Isolation {
  return isVouchedFor ? "thread" : "process";
}

/** An idle thread that goes is nothing to note; one that was ended, or ended itself, is. */
function logEvent(log: Logger, event: SandboxEvent): void {
  const routine =
    event.type === "thread-started" ||
    (event.type === "thread-ended" && ["idle", "closed"].includes(event.reason));
  log[routine ? "debug" : "warn"]({ event }, `plugin ${event.type.replace("-", " ")}`);
}

/** Names that a caller made up are not remembered. */
function createOffers(manifest: Manifest): ActivePlugin["offer"] {
  const compiled = new Map<string, Offer>();
  return (target) => {
    const key = `${target.kind} ${target.name}`;
    const known = compiled.get(key) ?? compileOffer(manifest, target);
    if (known) compiled.set(key, known);
    return known;
  };
}
