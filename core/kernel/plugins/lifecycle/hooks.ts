import type { Json } from "@plugboard/sandbox";
import { PlugboardError } from "@plugboard/service-kit/http";
import type { Kysely } from "kysely";
import { coreError } from "../../../errors.ts";
import type { CoreDatabase } from "../../../tables.ts";
import type {
  KeyState,
  PluginEvents,
  PluginStorage,
  StagedEvents,
  StagedStorage,
} from "../../capabilities/index.ts";
import { hookDeadlineMs } from "../../hooks/index.ts";
import type { PluginSettings } from "../../limits/index.ts";
import type { ActivePlugin } from "../active-plugins.ts";
import { isCode } from "../install.ts";
import type { RunnableInstall } from "../plugin-call.ts";
import type { PluginRunner } from "../plugin-runner.ts";

export interface LifecycleHooks {
  /**
   * Runs a lifecycle hook of the release, if it has one. What it writes and tells is staged: it counts when it is applied.
   * @throws `lifecycle-hook-failed`
   */
  run(call: LifecycleCall): Promise<StagedChange>;
}

export interface LifecycleCall {
  /** Names the release whose hook it is. */
  install: RunnableInstall;
  manifest: ActivePlugin["manifest"];
  hook: "install" | "upgrade" | "uninstall";
  input: Json;
  /** Storage keys that are brought back. */
  restore?: KeyState[];
}

export interface StagedChange {
  /** The release has such a hook, or keys are brought back: what calls of the version before write may not fit any more. */
  mayChangeForm: boolean;
  /**
   * Makes the hook's writes count, inside `tx`, and tells its events. Answers what the keys held before.
   * @throws `storage-conflict` when somebody else changed them meanwhile; `lifecycle-hook-failed`
   */
  apply(tx: Kysely<CoreDatabase>): Promise<KeyState[]>;
  /** Tells the hook's events alone, as far as its quota has room: what it stored goes with its install. */
  tell(tx: Kysely<CoreDatabase>): Promise<void>;
  /** Runs the transaction that applies it, when it is its turn. @throws `lifecycle-hook-failed` when that does not come */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Must be called in the end, applied or not: it holds memory of the host's. */
  close(): void;
}

export function createLifecycleHooks(options: {
  storage: Pick<PluginStorage, "stage">;
  pluginEvents: Pick<PluginEvents, "stage">;
  runner: Pick<PluginRunner, "runHook">;
  settings: Pick<PluginSettings, "limits">;
}): LifecycleHooks {
  const { storage, pluginEvents, runner, settings } = options;

  return {
    async run({ install, manifest, hook, input, restore = [] }) {
      const limits = settings.limits(install.plugin);
      const permission = manifest.permissions.storage;
      const isStoring = permission !== undefined || restore.length > 0;
      const staged = isStoring ? await orHookFailed(async () => stage(permission?.maxBytes ?? 0)) : undefined;
      const events = stageEvents(manifest.permissions.events?.publish ?? []);
      const deadlineMs = hookDeadlineMs(hook, limits);
      let hasRun = false;
      try {
        const stagedStorage = permission && staged ? { storage: staged.capability } : {};
        const stagedEvents = events ? { events: events.capability } : {};
        const ran = await runner.runHook({
          install,
          hook,
          input,
          ...stagedStorage,
          ...stagedEvents,
          deadlineMs,
        });
        hasRun = ran !== undefined;
      } catch (error) {
        staged?.close();
        throw hookFailed(install, hook, error);
      }
      return {
        mayChangeForm: hasRun || restore.length > 0,
        apply: (tx) =>
          orHookFailed(async () => {
            const before = staged ? (await staged.apply(tx)).before : [];
            await events?.apply(tx);
            return before;
          }),
        async tell(tx) {
          await events?.apply(tx).catch((error) => {
            if (!isRefusal(error)) throw error;
          });
        },
        inTurn: (work) => orHookFailed(() => (staged ? staged.inTurn(work) : work())),
        close: () => staged?.close(),
      };

      async function orHookFailed<T>(work: () => Promise<T>): Promise<T> {
        try {
          return await work();
        } catch (error) {
          throw isRefusal(error) ? hookFailed(install, hook, error) : error;
        }
      }

      function stageEvents(types: readonly string[]): StagedEvents | undefined {
        if (types.length === 0) return undefined;
        const { id: installId, tenantId, plugin, version } = install;
        return pluginEvents.stage({ tenantId, types, source: { plugin, version, installId }, limits });
      }

      function stage(maxBytes: number): StagedStorage {
        const owner = { tenantId: install.tenantId, installId: install.id, maxBytes, limits };
        return storage.stage({ ...owner, ...(restore.length > 0 && { initial: restore }) });
      }
    },
  };
}

/** A conflict is nobody's fault, and the hook is run again. */
function isRefusal(error: unknown): error is Error & { code: string } {
  const codes = [
    "storage-quota-exceeded",
    "storage-too-many-keys",
    "storage-busy",
    "events-limit-exceeded",
    "database-busy",
  ];
  return codes.some((code) => isCode(error, code));
}

function hookFailed({ plugin, version }: RunnableInstall, hook: string, cause: unknown) {
  // Any other error is the host's own trouble, whose words may tell of this machine.
  if (!(cause instanceof PlugboardError) && !isRefusal(cause)) return cause;
  return coreError(
    "lifecycle-hook-failed",
    `The "${hook}" hook of ${plugin} ${version} did not succeed, so nothing was changed: ${cause.message}`,
    { plugin, version, hook, reason: cause.code },
    { cause },
  );
}
