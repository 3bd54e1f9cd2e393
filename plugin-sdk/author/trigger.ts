import { closeObjects } from "./closed-objects.ts";
import type { CallContext, ConfigOf, ConnectionDeclaration } from "./context.ts";
import { openStream, type StreamTrigger, type StreamTriggerDefinition } from "./stream.ts";
import type { Static, TSchema } from "./type.ts";

/** What all triggers have. */
export interface TriggerDefinitionBase<Output extends TSchema> {
  title: string;
  description?: string;
  /** What the trigger tells: an event's data. */
  output: Output;
}

/** A trigger that fires when the vendor's webhook was made into an event of one of these types. */
export interface WebhookTriggerDefinition<Output extends TSchema> extends TriggerDefinitionBase<Output> {
  kind: "webhook";
  /** Event types that `webhooks.normalize` answers, such as `payment.succeeded`. */
  events: readonly [string, ...string[]];
}

/** A trigger that asks the vendor again and again. */
export interface PollingTriggerDefinition<
  Output extends TSchema,
  Settings extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> extends TriggerDefinitionBase<Output> {
  kind: "polling";
  /** Between two polls, from 10 to 86,400. Default 300; the operator of the host may ask for more. */
  intervalSeconds?: number;
  /** What a tenant sets when it switches the trigger on; an object schema. */
  config?: Settings;
  /** Gives `connection.config` its type. */
  connection?: ConnectionDeclaration<Config>;
  /** The same item seen twice, in whatever poll, has the same key: 1 to 512 characters. It is told once. */
  dedupeKey(item: Static<Output>): string;
  /**
   * Answers what is there since `cursor`, oldest first.
   * @throws PluginError
   */
  poll(
    context: PollContext<SettingsOf<Settings>, ConfigOf<Config>>,
  ): Promise<PollResult<Static<Output>>> | PollResult<Static<Output>>;
}

/** What `poll` is handed. */
export interface PollContext<Settings, Config> extends CallContext<Config> {
  /** What the last poll answered, kept by the host together with the items; null at the first. */
  cursor: string | null;
  /**
   * `now` as long as what is found is remembered and not told, because the tenant wants only what comes from now on: what is
   * older need not be asked for. Else `beginning`.
   */
  startAt: "now" | "beginning";
  /** The trigger's own settings, checked against `config`. */
  config: Settings;
}

/** What `poll` answers. */
export interface PollResult<Item> {
  items: Item[];
  /** Where the next poll goes on: at most 8,192 characters. Null begins anew. */
  cursor: string | null;
  /** Polls again at once. */
  hasMore?: boolean;
}

/** The type of a trigger's settings; without a schema there are none. */
export type SettingsOf<Settings extends TSchema> = [TSchema] extends [Settings]
  ? Record<never, never>
  : Readonly<Static<Settings>>;

/** A trigger on webhooks as the host finds it in a plugin. */
export type WebhookTrigger<Output extends TSchema = TSchema> = WebhookTriggerDefinition<Output>;

/** A polling trigger as the host finds it in a plugin. */
export interface PollingTrigger<
  Output extends TSchema = TSchema,
  Settings extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> extends PollingTriggerDefinition<Output, Settings, Config> {
  /** What the host calls: one poll, each item with its key. */
  run(context: PollContext<SettingsOf<Settings>, ConfigOf<Config>>): Promise<KeyedPoll<Static<Output>>>;
}

/** What a poll is to the host. */
export interface KeyedPoll<Item> {
  items: { key: string; item: Item }[];
  cursor: string | null;
  hasMore: boolean;
}

/** What {@link trigger} takes. */
export type TriggerDefinition<
  Output extends TSchema,
  Settings extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> =
  | WebhookTriggerDefinition<Output>
  | PollingTriggerDefinition<Output, Settings, Config>
  | StreamTriggerDefinition<Output, Settings, Config>;

/** A trigger as the host finds it in a plugin. */
export type Trigger<
  Output extends TSchema = TSchema,
  Settings extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> =
  | WebhookTrigger<Output>
  | PollingTrigger<Output, Settings, Config>
  | StreamTrigger<Output, Settings, Config>;

/**
 * Declares a source of events.
 *
 * @example
 * trigger({
 *   title: "Payment succeeded",
 *   kind: "webhook",
 *   events: ["payment.succeeded"],
 *   output: Type.Object({ id: Type.String(), amount: Type.Integer() }),
 * })
 *
 * @example
 * trigger({
 *   title: "New row",
 *   kind: "polling",
 *   intervalSeconds: 60,
 *   config: Type.Object({ table: Type.String() }),
 *   output: Row,
 *   dedupeKey: (row) => row.id,
 *   async poll({ cursor, config, fetch }) {
 *     const url = `https://api.example.com/tables/${encodeURIComponent(config.table)}/rows?since=${cursor ?? 0}`;
 *     const page = await requestJson<RowPage>(fetch, url);
 *     return { items: page.rows, cursor: page.last, hasMore: page.more };
 *   },
 * })
 *
 * @example
 * trigger({
 *   title: "Message posted",
 *   kind: "stream",
 *   output: Message,
 *   dedupeKey: ({ id }) => id,
 *   async connect({ fetch }) {
 *     const { url } = await requestJson<{ url: string }>(fetch, "https://api.example.com/connections", { method: "POST" });
 *     return { url };
 *   },
 *   message({ message }) {
 *     const { envelope, posted } = JSON.parse(message as string);
 *     return { items: posted ? [posted] : [], send: [JSON.stringify({ ack: envelope })] };
 *   },
 * })
 */
export function trigger<
  Output extends TSchema,
  Settings extends TSchema = TSchema,
  Config extends TSchema = TSchema,
>(definition: TriggerDefinition<Output, Settings, Config>): Trigger<Output, Settings, Config> {
  if (definition.kind === "webhook") return definition;
  const { config } = definition;
  const settings = config && { config: closeObjects(config) };
  if (definition.kind === "stream") return { ...openStream(definition), ...settings };
  const { poll, dedupeKey } = definition;
  return {
    ...definition,
    ...settings,
    async run(context) {
      const { items, cursor, hasMore = false } = await poll(context);
      return { items: items.map((item) => ({ key: dedupeKey(item), item })), cursor, hasMore };
    },
  };
}
