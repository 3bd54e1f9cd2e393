import { type Capability, CapabilityError } from "@plugboard/sandbox";
import type { Delivery, HookName, HookTypes, Json } from "../author/index.ts";
import { packPlugin } from "../cli/build/index.ts";
import { type EntityOperation, permitsRequest } from "../manifest/index.ts";
import { fromFetchReply, toRequest } from "./fetch-payloads.ts";
import {
  completeInput,
  createTestEvents,
  createTestStorage,
  type LogLine,
  openPluginHost,
  type PublishedEvent,
} from "./host/index.ts";

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
   * Runs an operation of an entity and answers what it answered. What a host fills in by itself (`cursor`, `limit`, `filter`,
   * `idempotencyKey`) may be left out.
   *
   * @throws {PluginFailure} @throws {TypeError} as `run` does
   * @example
   * await host.entity("customer", "update", { key: "cus_1", changes: { email: "a@example.com" } });
   */
  entity(entity: string, operation: EntityOperation, input?: { [member: string]: Json }): Promise<Json>;
  /**
   * Polls a trigger once, and answers its items, each with its key, and the cursor to go on with.
   *
   * @throws {PluginFailure} @throws {TypeError} as `run` does
   */
  poll(
    trigger: string,
    input?: { cursor?: string | null; config?: { [field: string]: Json } },
  ): Promise<Json>;
  /**
   * Hands one delivery of the vendor to `webhooks.normalize`, and answers the events that it made.
   *
   * @throws {PluginFailure} @throws {TypeError} as `run` does
   */
  normalize(delivery: Partial<Delivery>): Promise<Json>;
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

/**
 * Builds a plugin and opens it in the sandbox.
 *
 * @example
 * const host = await createTestHost({ directory: ".", answer: () => Response.json({ id: "1", name: "Lamp" }) });
 * assert.deepEqual(await host.run("get-item", { id: "1" }), { id: "1", name: "Lamp" });
 * await host.close();
 */
export async function createTestHost(options: TestHostOptions): Promise<TestHost> {
  const built = await packPlugin(options);
  const { permissions } = built.manifest;
  const config = options.config ?? {};
  const log: LogLine[] = [];
  const storage = createTestStorage({
    maxBytes: () => permissions.storage?.maxBytes ?? 0,
    content: options.storage,
  });
  const events = createTestEvents({ types: () => permissions.events?.publish ?? [] });

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

  const { run, perform, hook, close } = openPluginHost(built, {
    fetch,
    writeLog: (line) => void log.push(line),
    storage,
    events,
    config,
  });
  return {
    run,
    entity(entity, operation, input = {}) {
      const target = { kind: "entity", name: `${entity}.${operation}` } as const;
      return perform(target, completeInput(target, input));
    },
    poll(name, input = {}) {
      const target = { kind: "trigger", name } as const;
      return perform(target, completeInput(target, input));
    },
    normalize({ headers = {}, body, rawBody = JSON.stringify(body ?? null), type, id }) {
      const delivery = { headers: { ...headers }, rawBody, ...defined({ body, type, id }) };
      return perform({ kind: "webhook", name: "normalize" }, { delivery });
    },
    hook,
    log,
    published: events.published,
    get storage() {
      return storage.content();
    },
    close,
  };
}

/** JSON has no undefined: what there is not is left out. */
function defined(members: { [name: string]: Json | undefined }): { [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
