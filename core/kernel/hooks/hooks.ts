import { type HookName, hookPoints } from "@plugboard/plugin-sdk/manifest";
import type { Json } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { coreError } from "../../errors.ts";
import type { LimitReached, PluginSettings } from "../limits/index.ts";
import type { PluginRunner } from "../plugins/index.ts";
import { createFailures } from "./failures.ts";
import type { HookChanges, RecordPatch } from "./hook-changes.ts";
import { createLines } from "./lines.ts";
import type { CountHook } from "./metrics.ts";
import type { Observers } from "./observers.ts";
import type { Subscriber, Subscribers, Subscriptions } from "./subscribers.ts";

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

export interface Waterfall {
  value: Json;
  told: { [field: string]: Json };
  /** Refuses an answer that whoever asks could not use; may throw the reason. */
  fits(value: Json): boolean;
  /** The value is not all that there is: whoever has to have seen it answers it, to let the rest pass. */
  isPartial?: boolean;
  /** What of a change is kept. Default: all. */
  record?: RecordPatch;
  signal?: AbortSignal;
}

/**
 * Runs the hooks of a tenant's other plugins. What a kind of hook does with answers and failures stands here and
 * nowhere else: (`lifecycle` hooks are the plugin's own, run by whoever installs it, with `hookDeadlineMs`.)
 *
 * | kind | runs | answer | failure |
 * | --- | --- | --- | --- |
 * | waterfall | one after the other, awaited | the value for the next; nothing leaves it | logged, counted, skipped; where its permission says so, all of it is refused |
 * | parallel | all at once, awaited by nobody | ignored | logged, counted, skipped |
 */
export interface Hooks {
  /**
   * Whether anybody listens, besides `plugin`: a quick look, before anything is made ready for hooks. From memory, and then
   * at once, unless something was changed.
   */
  listensTo(tenantId: string, names: readonly HookName[], plugin?: string): boolean | Promise<boolean>;
  /**
   * Gives the value as the hooks have left it.
   * @throws `hook-refused` where one failed that has to have seen it
   */
  waterfall(name: HooksOf<"waterfall">, occasion: Occasion, o: Waterfall): Promise<Json>;
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
  const lines = createLines();

  async function others(name: HookName, { tenantId, plugin }: Occasion): Promise<Subscriber[]> {
    const all = (await subscribers.of(tenantId)).get(name) ?? [];
    return all.filter(({ install }) => install.plugin !== plugin);
  }

  /** Runs one plugin's hook; what fails in it is this function's to tell, and nobody's else. @returns the code, if it failed */
  async function run(
    name: HookName,
    { install, problem, refuses }: Subscriber,
    { callId }: Occasion,
    work: (deadlineMs: number) => Promise<"ok" | "changed">,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    try {
      if (problem !== undefined) throw problem;
      const outcome = await work(hookDeadlineMs(name, settings.limits(install.plugin)));
      count({ hook: name, plugin: install.plugin, outcome });
      failures.over(install.id);
      return undefined;
    } catch (error) {
      const outcome = codeOf(error);
      // Cut off with what it was about, and not for what it did itself.
      if (signal?.aborted && outcome !== "plugin-deadline-exceeded") return outcome;
      count({ hook: name, plugin: install.plugin, outcome });
      if (outcome === "plugin-deadline-exceeded") limitReached(install.plugin, "hookMs");
      if (!failures.isNew(install.id, outcome)) return outcome;
      const { id: installId, tenantId, plugin, version } = install;
      logger.warn(
        { tenantId, plugin, version, installId, hook: name, callId, outcome, err: error },
        refuses ? "a hook failed, and what it was about was refused" : "a hook failed and was skipped",
      );
      return outcome;
    }
  }

  /** Runs one plugin's hook about a value. @returns the value to go on with */
  async function pass(
    name: HooksOf<"waterfall">,
    subscriber: Subscriber,
    occasion: Occasion,
    value: Json,
    { told, fits, isPartial, record, signal }: Waterfall,
  ): Promise<Json> {
    const { plugin, connectionId, callId, tenantId } = occasion;
    const { install, refuses } = subscriber;
    let passed = value;
    const failed = await run(
      name,
      subscriber,
      occasion,
      async (deadlineMs) => {
        const leave = await lines.enter(install.id, signal);
        if (!leave) throw new HookError("hook-busy", "As many as may wait for the hook already.");
        let after: Json;
        try {
          const input = { ...told, plugin, connectionId, value };
          const ran = await runner.runHook({
            install,
            hook: name,
            input,
            deadlineMs,
            ...(signal && { signal }),
          });
          after = ran?.output ?? null;
        } finally {
          leave();
        }
        if (after === null && refuses && isPartial)
          throw new HookError(
            "hook-answer-invalid",
            "It was not handed all, and did not answer to let it pass.",
          );
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
          ...(record && { record }),
        });
        passed = after;
        return isChanged ? "changed" : "ok";
      },
      signal,
    );
    if (failed === undefined || !refuses) return passed;
    throw coreError(
      "hook-refused",
      `${install.plugin} has to look at this first (${name}), and could not: ${failed}.`,
      { plugin: install.plugin, hook: name, reason: failed },
    );
  }

  return {
    listensTo(tenantId, names, plugin) {
      const isHeard = (subscriptions: Subscriptions) =>
        subscriptions.size > 0 &&
        names.some((name) => subscriptions.get(name)?.some(({ install }) => install.plugin !== plugin));
      const found = subscribers.of(tenantId);
      return found instanceof Promise ? found.then(isHeard) : isHeard(found);
    },

    async waterfall(name, occasion, waterfall) {
      let { value } = waterfall;
      for (const subscriber of await others(name, occasion)) {
        if (waterfall.signal?.aborted) break;
        value = await pass(name, subscriber, occasion, value, waterfall);
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

  constructor(code: "hook-answer-invalid" | "hook-busy", message: string) {
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
