import { type Capability, openSandbox, type SandboxCall, SandboxError } from "@plugboard/sandbox";
import type { HookName, HookTypes, Json } from "../../author/index.ts";
import type { PluginBuild } from "../../cli/build/index.ts";
import {
  compileContributedSchema,
  compileOffer,
  contributedHooks,
  hookPoints,
  type Manifest,
  type OfferTarget,
  type Problem,
} from "../../manifest/index.ts";
import type { LogLine } from "../log-line.ts";
import { PluginFailure } from "../plugin-failure.ts";
import { type ClockSetting, clockInput, clockTarget, withClock } from "./clock-code.ts";
import { checkHookAnswer } from "./hook-answer.ts";
import type { TestEvents } from "./test-events.ts";
import type { TestFiles } from "./test-files.ts";
import type { TestStorage } from "./test-storage.ts";

/** What stands around a plugin that runs on its author's machine. */
export interface PluginSurroundings {
  fetch: Capability;
  writeLog(line: LogLine): void;
  storage: TestStorage;
  events: TestEvents;
  files: TestFiles;
  /** As `fetch`, for bodies as large as a file may be. */
  fetchLarge: Capability;
  /** The connection's settings. */
  config: { [field: string]: Json };
  /** An idempotency key for a call that has none. */
  newKey(): string;
  /** What the clock of the plugin's code is set to, asked for before each call. Default: the machine's own. */
  clock?(): ClockSetting;
}

/** A built plugin, in the sandbox, under its permissions and schemas, as in a host. */
export interface PluginHost {
  /** @throws {PluginFailure} @throws {TypeError} */
  run(action: string, input: Json): Promise<Json>;
  /** @throws {PluginFailure} @throws {TypeError} */
  hook<Name extends HookName>(name: Name, input: HookTypes[Name]["input"]): Promise<Json>;
  /**
   * Runs what the plugin offers: an action, an operation of an entity (`customer.list`), a trigger's poll, `normalize`; with
   * the input that a host hands over.
   *
   * @throws {PluginFailure} @throws {TypeError}
   */
  perform(target: OfferTarget, input: Json): Promise<Json>;
  /** Lets calls under way finish for a moment. */
  close(): Promise<void>;
}

type Built = Pick<PluginBuild, "manifest" | "code" | "originOf">;

export function openPluginHost(built: Built, surroundings: PluginSurroundings): PluginHost {
  const { manifest } = built;
  const { id, version, permissions } = manifest;
  const { fetch, fetchLarge, storage, events, files, config, newKey, clock } = surroundings;
  const code = clock ? withClock(built.code) : built.code;
  const sandbox = openSandbox({ id, version, code, binary: permissions.binary !== undefined });
  const writeLog: Capability = async (line) => {
    surroundings.writeLog(line as unknown as LogLine);
    return null;
  };
  /** What was not granted is not there. */
  const granted = () => ({
    log: writeLog,
    ...(permissions.storage && storage.functions),
    ...(permissions.events?.publish?.length && events.open()),
  });

  async function call({
    handed = [],
    ...o
  }: Omit<SandboxCall, "tenantId"> & { handed?: string[] }): Promise<Json> {
    const tenantId = "tnt_test";
    const opened = permissions.files && files.open({ handed, fetch: o.capabilities.fetch && fetchLarge });
    try {
      if (clock)
        await sandbox.call({ tenantId, target: clockTarget, input: clockInput(clock()), capabilities: {} });
      const capabilities = { ...o.capabilities, ...opened?.functions };
      return await sandbox.call({ tenantId, ...o, capabilities });
    } catch (error) {
      throw error instanceof SandboxError ? new PluginFailure(error, built.originOf) : error;
    } finally {
      await opened?.close();
    }
  }

  async function perform(target: OfferTarget, input: Json): Promise<Json> {
    const offer = compileOffer(manifest, target);
    if (!offer) throw unknownOffer(manifest, target);
    fit("config", compileContributedSchema(manifest.connection?.config ?? {})(config));
    fit("input", offer.checkInput(input));
    // Only what calls an action hands files over.
    const handed = target.kind === "action" && permissions.files ? offer.filesIn(input) : [];
    refuseMissing(files.missing(handed));
    const output = await call({
      target,
      input,
      handed,
      context: {
        connection: { id: "con_test", config },
        // A record's operation has it in its input.
        ...(target.kind === "action" && { idempotencyKey: newKey() }),
      },
      capabilities: { ...(permissions.network && { fetch }), ...granted() },
    });
    fit("output", offer.checkOutput(output, input));
    return output;
  }

  return {
    run: (action, input) => perform({ kind: "action", name: action }, input),
    perform,
    async hook(name, input) {
      if (!contributedHooks(manifest).some((hook) => hook.name === name))
        throw new TypeError(`${id} has no hook "${name}".`);
      const work = () =>
        call({
          target: { kind: "hook", name },
          input: input as Json,
          capabilities: granted(),
          deadlineMs: hookPoints[name].timeoutMs,
        });
      const isStaged = name === "install" || name === "upgrade";
      const answer = await (isStaged ? storage.staged(() => events.staged(work)) : work());
      checkHookAnswer(name, input, answer);
      return answer;
    },
    close: () => sandbox.close(),
  };
}

function unknownOffer({ id, contributes = {} }: Manifest, { kind, name }: OfferTarget): TypeError {
  const operations = Object.entries(contributes.entities ?? {}).flatMap(([entity, one]) =>
    one.operations.map((operation) => `${entity}.${operation}`),
  );
  const triggers = Object.entries(contributes.triggers ?? {}).flatMap(([trigger, one]) => {
    if (one.kind === "webhook") return [];
    return one.kind === "polling" ? [trigger] : [`${trigger}.open`, `${trigger}.receive`];
  });
  const names = {
    action: Object.keys(contributes.actions ?? {}),
    entity: operations,
    trigger: triggers,
    webhook: [],
  }[kind];
  return new TypeError(
    `${id} has no ${kind === "trigger" ? "trigger to call" : kind} "${name}"; it has ${names.join(", ") || "none"}.`,
  );
}

function refuseMissing(missing: string[]): void {
  if (missing.length === 0) return;
  throw new TypeError(
    `The input hands over a file that cannot be: ${missing.map((id) => `${id} is no file of this tenant's, or its time is over.`).join(" ")}`,
  );
}

function fit(what: string, problems: Problem[]): void {
  if (problems.length === 0) return;
  throw new TypeError(
    `The ${what} does not fit its schema: ${problems.map(({ pointer, message }) => `${pointer} ${message}`).join(" ")}`,
  );
}
