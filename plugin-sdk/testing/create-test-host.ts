import {
  type Capability,
  CapabilityError,
  openSandbox,
  type SandboxCall,
  SandboxError,
} from "@plugboard/sandbox";
import type { HookName, HookTypes, Json } from "../author/index.ts";
import { packPlugin } from "../cli/build/index.ts";
import { compileContributedSchema, contributedHooks, hookPoints, permitsRequest } from "../manifest/index.ts";
import { fromFetchReply, toRequest } from "./fetch-payloads.ts";
import type { PublishedEvent } from "./published-event.ts";
import { createTestEvents } from "./test-events.ts";
import { createTestStorage } from "./test-storage.ts";

export interface TestHostOptions {
  /** The plugin's directory; it is built first, as `plugboard build` does. */
  directory: string;
  /** Stands for the vendor. Only requests that plugin.json permits get here; like the plugin, without a credential. May be left out by plugins that call none. */
  answer?: ((request: Request) => Response | Promise<Response>) | undefined;
  /** The connection's settings. Default: none. */
  config?: { [field: string]: Json };
  /** What the install has stored already, by key. Default: nothing. */
  storage?: { [key: string]: Json };
}

/** Runs a plugin's actions and hooks as a host does: its built code, in the sandbox, under its permissions and schemas. */
export interface TestHost {
  /**
   * Runs one action and answers its output.
   *
   * @throws {PluginFailure} when the action fails; its `code` is that of the PluginError, or of the sandbox
   * @throws {TypeError} when input, config or output does not fit its schema
   */
  run(action: string, input: Json): Promise<Json>;
  /**
   * Runs one hook and answers what it answered; null for nothing. As in a host it has no `fetch`, a time limit of its
   * own, and what it stored is dropped when it is `install` or `upgrade` and fails.
   *
   * @throws {PluginFailure} when the hook fails
   * @throws {TypeError} when the plugin has no such hook
   * @example
   * assert.deepEqual(await host.hook("upgrade", { from: "1.0.0", to: "2.0.0", rollback: false }), null);
   */
  hook<Name extends HookName>(name: Name, input: HookTypes[Name]["input"]): Promise<Json>;
  /** What the install has stored now, by key: a copy. */
  readonly storage: { [key: string]: Json };
  /** What the plugin published, each fact once, in order. */
  published: PublishedEvent[];
  /** What the plugin logged, in order. */
  log: LogLine[];
  close(): Promise<void>;
}

export interface LogLine {
  level: string;
  message: string;
  fields?: Json;
}

/** An action or a hook failed: with the code, details and retryAfterMs of what it threw. */
export class PluginFailure extends Error {
  override readonly name = "PluginFailure";
  readonly code: string;
  readonly details: unknown;
  readonly retryAfterMs: number | undefined;

  constructor(failure: {
    code: string;
    message: string;
    details?: unknown;
    retryAfterMs?: number;
    cause: unknown;
  }) {
    super(failure.message, { cause: failure.cause });
    this.code = failure.code;
    this.details = failure.details;
    this.retryAfterMs = failure.retryAfterMs;
  }
}

/**
 * Builds a plugin and opens it in the sandbox.
 *
 * @example
 * const host = await createTestHost({ directory: ".", answer: () => Response.json({ id: "1", name: "Lamp" }) });
 * assert.deepEqual(await host.run("get-item", { id: "1" }), { id: "1", name: "Lamp" });
 * await host.close();
 */
export async function createTestHost(options: TestHostOptions): Promise<TestHost> {
  const { manifest, code } = await packPlugin(options);
  const { id, version, permissions } = manifest;
  const sandbox = openSandbox({ id, version, code, binary: permissions.binary !== undefined });
  const config = options.config ?? {};
  const log: LogLine[] = [];
  const storage = createTestStorage({
    maxBytes: permissions.storage?.maxBytes ?? 0,
    content: options.storage,
  });
  const types = permissions.events?.publish ?? [];
  const events = createTestEvents({ types });

  const fetch: Capability = async (payload, { signal }) => {
    const request = toRequest(payload, signal);
    const { method, url } = request;
    if (!permitsRequest(permissions.network, { method, url: new URL(url) }, config))
      throw new CapabilityError(
        "fetch-not-granted",
        `No network permission of plugin.json covers ${method} ${url}.`,
      );
    if (!options.answer) throw new TypeError("The test has no answer() that stands for the vendor.");
    return fromFetchReply(await options.answer(request), url);
  };
  const writeLog: Capability = async (line) => {
    log.push(line as unknown as LogLine);
    return null;
  };
  /** What was not granted is not there. */
  const granted = () => ({
    log: writeLog,
    ...(permissions.storage && storage.functions),
    ...(types.length > 0 && events.open()),
  });

  async function call(o: Omit<SandboxCall, "tenantId">): Promise<Json> {
    try {
      return await sandbox.call({ tenantId: "tnt_test", ...o });
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      const { code, message, thrown } = error;
      throw new PluginFailure({ code, message, ...thrown, cause: error });
    }
  }

  return {
    log,
    published: events.published,
    get storage() {
      return storage.content();
    },
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

function fit(what: string, schema: object, value: unknown): void {
  const problems = compileContributedSchema(schema as { [keyword: string]: unknown })(value);
  if (problems.length === 0) return;
  throw new TypeError(
    `The ${what} does not fit its schema: ${problems.map(({ pointer, message }) => `${pointer} ${message}`).join(" ")}`,
  );
}
