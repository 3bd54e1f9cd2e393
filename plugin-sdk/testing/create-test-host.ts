import { type Capability, CapabilityError } from "@plugboard/sandbox";
import type {
  Changes,
  HookName,
  HookTypes,
  Json,
  KeyedPoll,
  NormalizedEvent,
  Page,
} from "../author/index.ts";
import { packPlugin } from "../cli/build/index.ts";
import { type EntityOperation, permitsRequest } from "../manifest/index.ts";
import { valueAt } from "./delivery-place.ts";
import { fromFetchReply, toRequest } from "./fetch-payloads.ts";
import { completeInput, createTestEvents, createTestStorage, openPluginHost } from "./host/index.ts";

import type { LogLine } from "./log-line.ts";
import type { PublishedEvent } from "./published-event.ts";

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

/** A vendor's delivery, as a test makes one up. */
export interface TestDelivery {
  /** What the vendor sent: anything that can be written as JSON. */
  body: unknown;
  /** By name in lower case. */
  headers?: { [name: string]: string };
  /** Default: what `webhooks.eventType` and `webhooks.eventId` of plugin.json point at. */
  type?: string;
  id?: string;
}

/** Runs what a plugin offers, and its hooks, as a host does: its built code, in the sandbox, under its permissions and schemas. */
export interface TestHost {
  /**
   * Runs one action and answers its output.
   *
   * @throws {PluginFailure} when the action fails; its `code` is that of the PluginError, or of the sandbox
   * @throws {TypeError} when input, config or output does not fit its schema
   */
  run(action: string, input: Json): Promise<Json>;
  /**
   * Runs an operation of an entity, and answers what it answered. `args` is what the operation is handed, besides the
   * capabilities; `cursor`, `limit`, `filter`, `updatedSince` and `idempotencyKey` need not be given.
   *
   * @throws {PluginFailure} when the operation fails
   * @throws {TypeError} when the plugin has no such operation, or what goes in or out does not fit its schema
   * @example
   * const { items } = await host.entity("customer", "list", { filter: { email: "ann@example.com" } });
   */
  entity<Operation extends EntityOperation>(
    name: string,
    operation: Operation,
    args?: { [member: string]: Json },
  ): Promise<EntityAnswer<Operation>>;
  /**
   * Polls a trigger once, and answers each item with its key, and the cursor for the next poll.
   *
   * @throws {PluginFailure} when the poll fails
   * @throws {TypeError} when the plugin has no such trigger that polls, or what goes in or out does not fit its schema
   * @example
   * const first = await host.poll("new-row", { config: { table: "orders" } });
   * const next = await host.poll("new-row", { config: { table: "orders" }, cursor: first.cursor });
   */
  poll(
    trigger: string,
    args?: { cursor?: string | null; config?: { [field: string]: Json } },
  ): Promise<KeyedPoll<Json>>;
  /**
   * Hands a delivery to `webhooks.normalize`, and answers the events that it is.
   *
   * @throws {PluginFailure} when it fails
   * @throws {TypeError} when an event is not one that plugin.json lets the plugin publish
   */
  normalize(delivery: TestDelivery): Promise<NormalizedEvent[]>;
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

/** What an operation of an entity answers. */
export type EntityAnswer<Operation extends EntityOperation> = Operation extends "list"
  ? Page<TestRecord>
  : Operation extends "changesSince"
    ? Changes<TestRecord>
    : Operation extends "remove"
      ? null
      : TestRecord;

export type TestRecord = { [field: string]: Json };

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
    async entity(entity, operation, args = {}) {
      const target = { kind: "entity", name: `${entity}.${operation}` } as const;
      return (await perform(target, completeInput(target, args))) as never;
    },
    async poll(name, args = {}) {
      const target = { kind: "trigger", name } as const;
      return (await perform(target, completeInput(target, args))) as unknown as KeyedPoll<Json>;
    },
    async normalize(delivery) {
      const { headers = {} } = delivery;
      const rawBody = JSON.stringify(delivery.body ?? null);
      const body: Json = JSON.parse(rawBody);
      const place = { body, headers };
      const { eventType, eventId } = built.manifest.webhooks ?? {};
      const type = delivery.type ?? valueAt(eventType, place);
      const id = delivery.id ?? valueAt(eventId, place);
      const given = { headers, body, rawBody, ...(type && { type }), ...(id && { id }) };
      const target = { kind: "webhook", name: "normalize" } as const;
      return (await perform(target, { delivery: given })) as unknown as NormalizedEvent[];
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
