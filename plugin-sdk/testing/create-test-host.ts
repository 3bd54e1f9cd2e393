import { type Capability, CapabilityError, openSandbox, SandboxError } from "@plugboard/sandbox";
import type { Json } from "../author/index.ts";
import { packPlugin } from "../cli/build/index.ts";
import { compileContributedSchema, permitsRequest } from "../manifest/index.ts";
import { fromFetchReply, toRequest } from "./fetch-payloads.ts";

export interface TestHostOptions {
  /** The plugin's directory; it is built first, as `plugboard build` does. */
  directory: string;
  /** Stands for the vendor. Only requests that plugin.json permits get here; like the plugin, without a credential. */
  answer(request: Request): Response | Promise<Response>;
  /** The connection's settings. Default: none. */
  config?: { [field: string]: Json };
}

/** Runs a plugin's actions as a host does: its built code, in the sandbox, under its permissions and schemas. */
export interface TestHost {
  /**
   * Runs one action and answers its output.
   *
   * @throws {PluginFailure} when the action fails; its `code` is that of the PluginError, or of the sandbox
   * @throws {TypeError} when input, config or output does not fit its schema
   */
  run(action: string, input: Json): Promise<Json>;
  /** What the plugin logged, in order. */
  log: LogLine[];
  close(): Promise<void>;
}

export interface LogLine {
  level: string;
  message: string;
  fields?: Json;
}

/** An action failed: with the code, details and retryAfterMs of what it threw. */
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

  const fetch: Capability = async (payload, { signal }) => {
    const request = toRequest(payload, signal);
    const { method, url } = request;
    if (!permitsRequest(permissions.network, { method, url: new URL(url) }, config))
      throw new CapabilityError(
        "fetch-not-granted",
        `No network permission of plugin.json covers ${method} ${url}.`,
      );
    return fromFetchReply(await options.answer(request), url);
  };
  const writeLog: Capability = async (line) => {
    log.push(line as unknown as LogLine);
    return null;
  };

  return {
    log,
    async run(action, input) {
      const contribution = manifest.contributes?.actions?.[action];
      if (!contribution) throw new TypeError(`${id} has no action "${action}".`);
      fit("config", manifest.connection?.config ?? {}, config);
      fit("input", contribution.input, input);
      try {
        const output = await sandbox.call({
          tenantId: "tnt_test",
          target: { kind: "action", name: action },
          input,
          context: { connection: { id: "con_test", config } },
          capabilities: { fetch, log: writeLog },
        });
        fit("output", contribution.output, output);
        return output;
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error;
        const { code, message, thrown } = error;
        throw new PluginFailure({ code, message, ...thrown, cause: error });
      }
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
