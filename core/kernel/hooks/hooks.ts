import { type HookName, hookPoints } from "@plugboard/plugin-sdk/manifest";
import type { Json } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import type { LimitReached, PluginSettings } from "../limits/index.ts";
import type { PluginRunner } from "../plugins/index.ts";
import { createFailures } from "./failures.ts";
import type { HookChanges } from "./hook-changes.ts";
import type { CountHook } from "./metrics.ts";
import type { Observers } from "./observers.ts";
import type { Subscriber, Subscribers } from "./subscribers.ts";

type HooksOf<Kind> = {
  [Name in HookName]: (typeof hookPoints)[Name]["kind"] extends Kind ? Name : never;
}[HookName];

/** What goes on, as its hooks are told. */
export interface Occasion {
  tenantId: string;
  /** Whose call it is; its own hooks are not told. */
  plugin: string;
  connectionId: string;
  callId: string;
}

/**
 * Runs the hooks of a tenant's other plugins. What a kind of hook does with answers and failures stands here and
 * nowhere else: (`lifecycle` hooks are the plugin's own, run by whoever installs it, with `hookDeadlineMs`.)
 *
 * | kind | runs | answer | failure |
 * | --- | --- | --- | --- |
 * | waterfall | one after the other, awaited | the value for the next; nothing leaves it | logged, counted, skipped |
 * | parallel | all at once, awaited by nobody | ignored | logged, counted, skipped |
 */
export interface Hooks {
  /** Whether anybody listens: a quick look, before anything is made ready for hooks. */
  listensTo(tenantId: string, names: readonly HookName[]): Promise<boolean>;
  /** Gives the value as the hooks have left it. `fits` refuses an answer that whoever asks could not use. */
  waterfall(
    name: HooksOf<"waterfall">,
    occasion: Occasion,
    o: { value: Json; told: { [field: string]: Json }; fits(value: Json): boolean; signal?: AbortSignal },
  ): Promise<Json>;
  parallel(name: HooksOf<"parallel">, occasion: Occasion, told: { [field: string]: Json }): void;
}

export function createHooks(options: {
  subscribers: Subscribers;
  runner: Pick<PluginRunner, "runHook">;
  observers: Observers;
  hookChanges: Pick<HookChanges, "record">;
  settings: Pick<PluginSettings, "limits">;
  limitReached: LimitReached;
  count: CountHook;
  logger: Logger;
}): Hooks {
  const { subscribers, runner, observers, hookChanges, settings, limitReached, count, logger } = options;
  const failures = createFailures();

  async function others(name: HookName, { tenantId, plugin }: Occasion): Promise<Subscriber[]> {
    const all = (await subscribers.of(tenantId)).get(name) ?? [];
    return all.filter(({ install }) => install.plugin !== plugin);
  }

  /** Runs one plugin's hook; what fails in it is this function's to tell, and nobody's else. */
  async function run(
    name: HookName,
    { install }: Subscriber,
    { callId }: Occasion,
    work: (deadlineMs: number) => Promise<"ok" | "changed">,
  ): Promise<void> {
    try {
      const outcome = await work(hookDeadlineMs(name, settings.limits(install.plugin)));
      count({ hook: name, plugin: install.plugin, outcome });
      failures.over(install.id);
    } catch (error) {
      const outcome = codeOf(error);
      count({ hook: name, plugin: install.plugin, outcome });
      if (outcome === "plugin-deadline-exceeded") limitReached(install.plugin, "hookMs");
      if (!failures.isNew(install.id, outcome)) return;
      const { id: installId, tenantId, plugin, version } = install;
      logger.warn(
        { tenantId, plugin, version, installId, hook: name, callId, outcome, err: error },
        "a hook failed and was skipped",
      );
    }
  }

  return {
    async listensTo(tenantId, names) {
      const found = subscribers.of(tenantId);
      const subscriptions = found instanceof Promise ? await found : found;
      return subscriptions.size > 0 && names.some((name) => subscriptions.has(name));
    },

    async waterfall(name, occasion, { value: first, told, fits, signal }) {
      const { tenantId, plugin, connectionId, callId } = occasion;
      let value = first;
      for (const subscriber of await others(name, occasion)) {
        if (signal?.aborted) break;
        const { install } = subscriber;
        await run(name, subscriber, occasion, async (deadlineMs) => {
          const input = { ...told, plugin, connectionId, value };
          const ran = await runner.runHook({
            install,
            hook: name,
            input,
            deadlineMs,
            ...(signal && { signal }),
          });
          const after = ran?.output ?? null;
          if (after === null) return "ok";
          if (!fits(after))
            throw new HookError("hook-answer-invalid", "The value that the hook answered does not fit.");
          const isChanged = await hookChanges.record({
            tenantId,
            callId,
            hook: name,
            plugin: install.plugin,
            version: install.version,
            installId: install.id,
            connectionId,
            before: value,
            after,
            maxPatchBytes: settings.limits(install.plugin).hookChangeBytes,
          });
          value = after;
          return isChanged ? "changed" : "ok";
        });
      }
      return value;
    },

    parallel(name, occasion, told) {
      const { plugin, connectionId } = occasion;
      observers.start(async () => {
        for (const subscriber of await others(name, occasion)) {
          const { install } = subscriber;
          const limits = settings.limits(install.plugin);
          const isTaken = observers.takeOn(install, limits.observersPerTenant, () =>
            run(name, subscriber, occasion, async (deadlineMs) => {
              await runner.runHook({
                install,
                hook: name,
                input: { ...told, plugin, connectionId },
                deadlineMs,
              });
              return "ok";
            }),
          );
          if (isTaken === "taken") continue;
          count({ hook: name, plugin: install.plugin, outcome: "hook-busy" });
          limitReached(install.plugin, isTaken);
        }
      });
    },
  };
}

/** How long one run may take: the hook point's own time, or the operator's where that is shorter. */
export function hookDeadlineMs(name: HookName, { hookMs }: { hookMs: number }): number {
  return Math.min(hookPoints[name].timeoutMs, hookMs);
}

class HookError extends Error {
  override readonly name = "HookError";
  readonly code: string;

  constructor(code: "hook-answer-invalid", message: string) {
    super(message);
    this.code = code;
  }
}

/** A closed list: the host's own codes, never a plugin's words. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "internal-error";
}
