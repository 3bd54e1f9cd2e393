import { type Capability, openSandbox, type SandboxCall, SandboxError } from "@plugboard/sandbox";
import type { HookName, HookTypes, Json } from "../../author/index.ts";
import type { PluginBuild } from "../../cli/build/index.ts";
import {
  compileContributedSchema,
  contributedHooks,
  hookPoints,
  type Manifest,
} from "../../manifest/index.ts";
import type { LogLine } from "./log-line.ts";
import { PluginFailure } from "./plugin-failure.ts";
import type { TestEvents } from "./test-events.ts";
import type { TestStorage } from "./test-storage.ts";

/** What stands around a plugin that runs on its author's machine. */
export interface PluginSurroundings {
  fetch: Capability;
  writeLog(line: LogLine): void;
  storage: TestStorage;
  events: TestEvents;
  /** The connection's settings. */
  config: { [field: string]: Json };
}

/** A built plugin, in the sandbox, under its permissions and schemas, as in a host. */
export interface PluginHost {
  /** @throws {PluginFailure} @throws {TypeError} */
  run(action: string, input: Json): Promise<Json>;
  /** @throws {PluginFailure} @throws {TypeError} */
  hook<Name extends HookName>(name: Name, input: HookTypes[Name]["input"]): Promise<Json>;
  /**
   * Runs an operation of an entity (`customer.list`), a trigger's poll, or `normalize`, with what each takes besides the
   * capabilities as members of `args`.
   *
   * @throws {PluginFailure} @throws {TypeError}
   */
  perform(
    kind: "entity" | "trigger" | "webhook",
    name: string,
    args: { [member: string]: Json },
  ): Promise<Json>;
  /** Lets calls under way finish for a moment. */
  close(): Promise<void>;
}

type Built = Pick<PluginBuild, "manifest" | "code" | "originOf">;

export function openPluginHost(built: Built, surroundings: PluginSurroundings): PluginHost {
  const { manifest, code } = built;
  const { id, version, permissions } = manifest;
  const { fetch, storage, events, config } = surroundings;
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

  async function call(o: Omit<SandboxCall, "tenantId">): Promise<Json> {
    try {
      return await sandbox.call({ tenantId: "tnt_test", ...o });
    } catch (error) {
      throw error instanceof SandboxError ? new PluginFailure(error, built.originOf) : error;
    }
  }

  return {
    async run(action, input) {
      const contribution = manifest.contributes?.actions?.[action];
      if (!contribution) throw new TypeError(`${id} has no action "${action}".`);
      fit("config", manifest.connection?.config ?? {}, config);
      fit("input", contribution.input, input);
      const output = await call({
        target: { kind: "action", name: action },
        input,
        context: { connection: { id: "con_test", config } },
        capabilities: { ...(permissions.network && { fetch }), ...granted() },
      });
      fit("output", contribution.output, output);
      return output;
    },
    async perform(kind, name, args) {
      if (!offers(manifest, kind, name)) throw new TypeError(`${id} has no ${kind} "${name}".`);
      fit("config", manifest.connection?.config ?? {}, config);
      return call({
        target: { kind, name },
        input: null,
        context: { ...args, connection: { id: "con_test", config } },
        capabilities: { ...(permissions.network && { fetch }), ...granted() },
      });
    },
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
      return name === "install" || name === "upgrade" ? storage.staged(work) : work();
    },
    close: () => sandbox.close(),
  };
}

function offers(
  { contributes = {} }: Manifest,
  kind: "entity" | "trigger" | "webhook",
  name: string,
): boolean {
  if (kind === "trigger") return contributes.triggers?.[name]?.kind === "polling";
  if (kind === "webhook") return contributes.webhooks !== undefined;
  const [entity = "", operation] = name.split(".");
  return contributes.entities?.[entity]?.operations.some((one) => one === operation) === true;
}

function fit(what: string, schema: object, value: unknown): void {
  const problems = compileContributedSchema(schema as { [keyword: string]: unknown })(value);
  if (problems.length === 0) return;
  throw new TypeError(
    `The ${what} does not fit its schema: ${problems.map(({ pointer, message }) => `${pointer} ${message}`).join(" ")}`,
  );
}
