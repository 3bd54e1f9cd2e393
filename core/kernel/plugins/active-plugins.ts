import { compileContributedSchema, type Manifest, type Problem } from "@plugboard/plugin-sdk/manifest";
import type { PluginPackage } from "@plugboard/plugin-sdk/package";
import {
  type Isolation,
  openSandbox,
  type Sandbox,
  SandboxError,
  type SandboxEvent,
} from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { coreError } from "../../errors.ts";
import type { PluginSettings } from "./plugin-settings.ts";

/** A plugin version that runs in this process: its code in a sandbox, its schemas compiled. */
export interface ActivePlugin {
  manifest: Manifest;
  sandbox: Sandbox;
  actions: ReadonlyMap<string, ActiveAction>;
}

export interface ActiveAction {
  checkInput: (value: unknown) => Problem[];
  checkOutput: (value: unknown) => Problem[];
}

/** Which release is meant: the digest is the identity, id and version are for people. */
export interface ReleaseName {
  plugin: string;
  version: string;
  tarballSha512: string;
}

export interface ActivePlugins {
  /** The running plugin, started at first use. @throws `release-not-trusted`, `plugin-load-failed`, … */
  get(release: ReleaseName): Promise<ActivePlugin>;
  /** Starts the plugin and loads its code, so that a release that cannot run is refused before it is installed. */
  probe(release: ReleaseName): Promise<ActivePlugin>;
  close(graceMs: number): Promise<void>;
}

export function createActivePlugins(options: {
  loadRelease: (release: ReleaseName) => Promise<PluginPackage>;
  settings: PluginSettings;
  logger: Logger;
}): ActivePlugins {
  const { loadRelease, settings, logger } = options;
  const active = new Map<string, Promise<ActivePlugin>>();

  async function activate(release: ReleaseName): Promise<ActivePlugin> {
    const { manifest, mainCode } = await loadRelease(release);
    const log = logger.child({ plugin: manifest.id, version: manifest.version });
    const sandbox = openSandbox(
      {
        id: manifest.id,
        version: manifest.version,
        code: mainCode,
        binary: manifest.permissions?.binary !== undefined,
      },
      {
        limits: settings.sandboxLimits(manifest.id),
        isolation: settings.isolation(manifest.id) ?? isolationOf(manifest),
        onOutput: (stream, output) => log.warn({ stream, output }, "the plugin's thread wrote to its output"),
        onEvent: (event) => logEvent(log, event),
      },
    );
    return { manifest, sandbox, actions: compileActions(manifest) };
  }

  function get(release: ReleaseName): Promise<ActivePlugin> {
    const held = active.get(release.tarballSha512);
    if (held) return held;
    const starting = activate(release);
    active.set(release.tarballSha512, starting);
    // What could not start is tried again at the next call: the reason may have been the disk or the registry.
    starting.catch(() => active.delete(release.tarballSha512));
    return starting;
  }

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
    async close(graceMs) {
      const plugins = await Promise.allSettled(active.values());
      active.clear();
      await Promise.all(
        plugins.map((outcome) =>
          outcome.status === "fulfilled" ? outcome.value.sandbox.close({ graceMs }) : undefined,
        ),
      );
    },
  };
}

/** Whose plugins come with Plugboard: their code is ours, and is held in a thread. */
const ownPublisher = "plugboard/";

/**
 * A stranger's code runs in a process of its own. In a thread of this process it could end the host by one large
 * allocation, or hold a core with a loop that V8 cannot interrupt; a process the operating system ends.
 */
function isolationOf(manifest: Manifest): Isolation {
  return manifest.id.startsWith(ownPublisher) ? "thread" : "process";
}

/** An idle thread that goes is nothing to note; one that was ended, or ended itself, is. */
function logEvent(log: Logger, event: SandboxEvent): void {
  const routine =
    event.type === "thread-started" ||
    (event.type === "thread-ended" && ["idle", "closed"].includes(event.reason));
  log[routine ? "debug" : "warn"]({ event }, `plugin ${event.type.replace("-", " ")}`);
}

function compileActions(manifest: Manifest): ReadonlyMap<string, ActiveAction> {
  return new Map(
    Object.entries(manifest.contributes?.actions ?? {}).map(([name, action]) => [
      name,
      {
        checkInput: compileContributedSchema(action.input),
        checkOutput: compileContributedSchema(action.output),
      },
    ]),
  );
}
