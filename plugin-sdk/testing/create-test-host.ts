import type {
  Changes,
  HookName,
  HookTypes,
  Json,
  KeyedPoll,
  NormalizedEvent,
  Page,
} from "../author/index.ts";
import { keptBuild } from "../cli/build/index.ts";
import { createPluginFetch } from "../egress/index.ts";
import type { EntityOperation } from "../manifest/index.ts";
import { writeBatch } from "./batch.ts";
import { createClock } from "./clock.ts";
import { createTestEffects } from "./effects.ts";
import type { ExchangesOptions } from "./exchanges-options.ts";
import type { HeldFiles } from "./held-files.ts";
import {
  completeInput,
  createTestEvents,
  createTestFiles,
  createTestStorage,
  hostLimits,
  openPluginHost,
} from "./host/index.ts";
import type { LogLine } from "./log-line.ts";
import type { PublishedEvent } from "./published-event.ts";
import { deliveryOf, receive } from "./receive.ts";
import { noteRequests } from "./requests.ts";
import { openStream } from "./stream.ts";
import type { TestWrite, TestWriteOutcome } from "./test-batch.ts";
import type { TestClock } from "./test-clock.ts";
import type { ReceivedDelivery, TestDelivery } from "./test-delivery.ts";
import type { TestRequest } from "./test-request.ts";
import type { TestStream } from "./test-stream.ts";
import type { TestTrigger, TriggerOptions } from "./test-trigger.ts";
import { openTrigger } from "./trigger.ts";
import { openVendor } from "./vendor.ts";

/** Which plugin {@link createTestHost} opens, and what stands around it. */
export interface TestHostOptions {
  /** The plugin's directory; it is built first, as `plugboard build` does, unless nothing has changed since it was. */
  directory: string;
  /**
   * Stands for the vendor. Only requests that a host would send get here, without a credential; what it throws is to the
   * plugin a vendor that cannot be reached. May be left out by plugins that call none.
   */
  answer?: ((request: Request) => Response | Promise<Response>) | undefined;
  /**
   * Exchanges with the vendor that were recorded, instead of `answer`.
   *
   * @example
   * // PLUGBOARD_DEV_CREDENTIAL='{"type":"apiKey","key":"…"}' npx plugboard test --record
   * const host = await createTestHost({ directory: ".", exchanges: { file: "test/exchanges/items.json" } });
   */
  exchanges?: ExchangesOptions;
  /** The connection's settings. Default: none. */
  config?: { [field: string]: Json };
  /** What the install has stored already, by key. Default: nothing. */
  storage?: { [key: string]: Json };
  /** What time it is for the plugin, where it stands still until `clock.advance()`. Default: the machine's time. */
  now?: number | string | Date;
  /** The secret and the token of the endpoint, for handshakes. Default: `test-secret` and `test-token`. */
  webhooks?: { secret?: string; token?: string };
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
   * Makes many writes of an entity, as a host does with what it is sent in one request: as many in one call as the entity's
   * `batch` takes, the others one by one, and again, without waiting, what was `rate-limited`. Answers an outcome for each.
   *
   * @throws {TypeError} when the plugin has no such entity
   * @example
   * const [first] = await host.batch("customer", [{ op: "create", record: { email: "ann@example.com" } }]);
   */
  batch(entity: string, writes: readonly TestWrite[]): Promise<TestWriteOutcome[]>;
  /**
   * Polls a trigger once, and answers each item with its key, and the cursor for the next poll. `startAt` is `beginning`
   * where it is not given.
   *
   * @throws {PluginFailure} when the poll fails
   * @throws {TypeError} when the plugin has no such trigger that polls, or what goes in or out does not fit its schema
   * @example
   * const first = await host.poll("new-row", { config: { table: "orders" } });
   * const next = await host.poll("new-row", { config: { table: "orders" }, cursor: first.cursor });
   */
  poll(
    trigger: string,
    args?: { cursor?: string | null; config?: { [field: string]: Json }; startAt?: "now" | "beginning" },
  ): Promise<KeyedPoll<Json>>;
  /**
   * Hands a delivery to `webhooks.normalize`, and answers the events that it is.
   *
   * @throws {PluginFailure} when it fails
   * @throws {TypeError} when an event is not one that plugin.json lets the plugin publish
   */
  normalize(delivery: TestDelivery): Promise<NormalizedEvent[]>;
  /**
   * Takes what the vendor sends, and answers what the vendor is answered: a handshake as `webhooks.handshake` of plugin.json
   * says, a delivery as `webhooks.acknowledge` does, after `webhooks.normalize`. It counts as signed.
   *
   * @throws {PluginFailure} when `normalize` fails
   * @throws {TypeError} when an event is not one that plugin.json lets the plugin publish
   * @example
   * const { reply } = await host.receive({ body: { type: "url_verification", challenge: "3eZbrw1aB" } });
   * assert.equal(reply.body, "3eZbrw1aB");
   */
  receive(delivery: TestDelivery): Promise<ReceivedDelivery>;
  /**
   * Runs one hook and answers what it answered; null for nothing. As in a host it has no `fetch`, a time limit of its
   * own, and what it stored is dropped when it is `install` or `upgrade` and fails.
   *
   * @throws {PluginFailure} when the hook fails
   * @throws {TypeError} when the plugin has no such hook, or it answers a request or reply that no host would go on with
   * @example
   * assert.deepEqual(await host.hook("upgrade", { from: "1.0.0", to: "2.0.0", rollback: false }), null);
   */
  hook<Name extends HookName>(name: Name, input: HookTypes[Name]["input"]): Promise<Json>;
  /**
   * Switches a polling trigger on, as a tenant does: the host polls it for the first time, keeps its cursor, and tells each
   * item once. From then on it polls when the clock comes to its time.
   *
   * @throws {PluginFailure} when the first poll fails
   * @throws {TypeError} when the plugin has no such trigger that polls
   * @example
   * const rows = await host.trigger("new-row", { config: { table: "orders" } });
   * vendor.push({ id: "2" });
   * await host.clock.advance(300_000);
   * assert.deepEqual(host.events.map(({ type, data }) => [type, data]), [["trigger.new-row", { id: "2" }]]);
   */
  trigger(name: string, options?: TriggerOptions): Promise<TestTrigger>;
  /**
   * Switches a trigger on a stream on, as a tenant does, with the test as the vendor at the other end of the socket.
   *
   * @throws {PluginFailure} when `connect` fails
   * @throws {TypeError} when the plugin has no such trigger, or may not open what it asks for
   * @example
   * const stream = await host.stream("message-posted");
   * assert.deepEqual(await stream.receive('{"envelope":1,"posted":{"id":"7"}}'), [{ id: "7" }]);
   * assert.deepEqual(stream.sent, ['{"ack":1}']);
   */
  stream(name: string, options?: { config?: { [field: string]: Json } }): Promise<TestStream>;
  /** What time it is; moved on by the test. */
  readonly clock: TestClock;
  /**
   * The requests that the plugin made, in order, also those that were refused.
   *
   * @example
   * assert.partialDeepStrictEqual(host.requests.at(-1), { method: "POST", json: { name: "Lamp" }, status: 201 });
   */
  readonly requests: TestRequest[];
  /** What the install has stored now, by key: a copy. */
  readonly storage: { [key: string]: Json };
  /** The files that there are. */
  readonly files: HeldFiles;
  /** What was told to the tenant, each fact once, in order: what the plugin published, and what its triggers found. */
  readonly events: PublishedEvent[];
  /** What the plugin logged, in order. */
  readonly log: LogLine[];
  /** Ends the plugin, and writes what was recorded. */
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

/** A record of an entity. */
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
  const built = await keptBuild(options);
  const { manifest } = built;
  const { permissions, webhooks = {} } = manifest;
  const config = options.config ?? {};
  const log: LogLine[] = [];
  const requests: TestRequest[] = [];
  const clock = createClock(options.now);
  const storage = createTestStorage({
    maxBytes: () => permissions.storage?.maxBytes ?? 0,
    content: options.storage,
  });
  const events = createTestEvents({ types: () => permissions.events?.publish ?? [] });
  const vendor = await openVendor(options, options.directory);
  const { credential, keyPrefix, watch } = vendor;
  const effects = createTestEffects(manifest.requests);
  const send = effects.sending(vendor.send);
  let keys = 0;
  const newKey = () => `${keyPrefix}_${++keys}`;
  const files = createTestFiles({ now: clock.now });
  const fetchWith = (limits: { maxBodyBytes?: number }) =>
    noteRequests(
      createPluginFetch(manifest, { send, credential, config, trace: () => {}, ...limits }),
      requests,
    );
  const plugin = openPluginHost(built, {
    fetch: fetchWith({}),
    fetchLarge: fetchWith({ maxBodyBytes: hostLimits.fileBytes }),
    files: { ...files, open: (call) => effects.telling(files.open(call)) },
    writeLog: (line) => void log.push(line),
    storage: effects.telling(storage),
    events: { ...events, open: () => effects.telling({ functions: events.open() }).functions },
    config,
    newKey,
    clock: clock.setting,
  });
  const perform: typeof plugin.perform = (target, input) =>
    watch(() => plugin.perform(target, completeInput(target, input, newKey)));
  const poll = async (name: string, args: { [member: string]: Json }) =>
    (await perform({ kind: "trigger", name }, args)) as unknown as KeyedPoll<Json>;
  const normalize = async (delivery: { [member: string]: Json }) =>
    (await perform({ kind: "webhook", name: "normalize" }, { delivery })) as unknown as NormalizedEvent[];

  return {
    run: (action, input) => perform({ kind: "action", name: action }, input),
    async entity(entity, operation, args = {}) {
      return (await perform({ kind: "entity", name: `${entity}.${operation}` }, args)) as never;
    },
    batch: (entity, writes) =>
      writeBatch({ manifest, perform, newKey, watchEffects: effects.watch, entity, writes }),
    poll: (name, args = {}) => poll(name, args),
    async trigger(name, settings = {}) {
      const { intervalSeconds = 300 } = (manifest.contributes?.triggers?.[name] ?? {}) as {
        intervalSeconds?: number;
      };
      const surroundings = {
        intervalSeconds,
        clock,
        ask: (input: { [member: string]: Json }) => poll(name, input),
        tell: (item: Json) => events.tell(`trigger.${name}`, item),
      };
      return openTrigger(surroundings, settings);
    },
    stream: (name, settings = {}) =>
      openStream(
        {
          permissions,
          connection: config,
          clock,
          ask: (operation, input) => perform({ kind: "trigger", name: `${name}.${operation}` }, input),
          tell: (item) => events.tell(`trigger.${name}`, item),
        },
        settings,
      ),
    normalize: (delivery) => normalize(deliveryOf(delivery, webhooks)),
    receive: (delivery) => receive(delivery, { declared: webhooks, secrets: options.webhooks, normalize }),
    hook: (name, input) => watch(() => plugin.hook(name, input)),
    clock,
    requests,
    log,
    events: events.published,
    files,
    get storage() {
      return storage.content();
    },
    async close() {
      await plugin.close();
      await vendor.close();
    },
  };
}
