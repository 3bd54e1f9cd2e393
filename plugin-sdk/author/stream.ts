import type { CallContext, ConfigOf, ConnectionDeclaration, Json } from "./context.ts";
import type { SettingsOf, TriggerDefinitionBase } from "./trigger.ts";
import type { Static, TSchema } from "./type.ts";

/** A trigger that listens on a WebSocket of the vendor's, which the host opens, keeps open and opens again. */
export interface StreamTriggerDefinition<
  Output extends TSchema,
  Settings extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> extends TriggerDefinitionBase<Output> {
  kind: "stream";
  /** What a tenant sets when it switches the trigger on; an object schema. */
  config?: Settings;
  /** Gives `connection.config` its type. */
  connection?: ConnectionDeclaration<Config>;
  /** Codes with which the vendor closes when the credential is not good any more, besides 1008, 3000 and 3003. */
  unauthorizedCodes?: readonly number[];
  /** The same item seen twice, over whatever socket, has the same key: 1 to 512 characters. It is told once. */
  dedupeKey(item: Static<Output>): string;
  /**
   * Says where to connect; may ask the vendor for that with `fetch`. Called anew for each socket.
   * @throws PluginError
   */
  connect(
    context: ConnectContext<SettingsOf<Settings>, ConfigOf<Config>>,
  ): Promise<StreamOpening> | StreamOpening;
  /**
   * Reads one message, in the order in which they came. When it has failed the socket is closed, and opened again with the
   * state before it.
   * @throws PluginError
   */
  message(
    context: MessageContext<SettingsOf<Settings>, ConfigOf<Config>>,
  ): Promise<StreamAnswer<Static<Output>> | undefined> | StreamAnswer<Static<Output>> | undefined;
}

/** One message: text, or a binary one in base64, which only plugins with the permission `binary` are given. */
export type StreamMessage = string | { base64: string };

interface StreamContext<Settings, Config> extends CallContext<Config> {
  /** What `connect` or `message` answered last, kept by the host together with the items; null at the first. */
  state: Json;
  /** The trigger's own settings, checked against `config`. */
  config: Settings;
}

/** What `connect` is handed. */
export interface ConnectContext<Settings, Config> extends StreamContext<Settings, Config> {
  /** How the vendor closed the socket before; null if there was none, or it broke off. */
  lastClose: { code: number; reason: string } | null;
}

/** What `message` is handed. */
export interface MessageContext<Settings, Config> extends StreamContext<Settings, Config> {
  message: StreamMessage;
}

/** Where to connect, and how to begin. */
export interface StreamOpening {
  /** `wss://…`, to a host that plugin.json lists with the method WEBSOCKET. The host adds the credential. */
  url: string;
  headers?: { [name: string]: string };
  /** Subprotocols that the plugin speaks, the one it likes best first. */
  protocols?: string[];
  /** Sent as soon as the socket is open. */
  send?: StreamMessage[];
  heartbeat?: Heartbeat | null;
  /** To go on with, as JSON at most 8,192 characters. Left out, it stays. */
  state?: Json;
}

/** What the vendor wants to hear again and again; WebSocket's own pings and pongs are the host's business. */
export interface Heartbeat {
  /** From 1,000 to 3,600,000. */
  everyMs: number;
  send: string;
}

/** What a message comes to. */
export interface StreamAnswer<Item> {
  items?: Item[];
  /** Sent when the items are stored: an acknowledgement, an answer to a ping. */
  send?: StreamMessage[];
  /** To go on with, stored together with the items: at most 8,192 characters as JSON. Left out, it stays. */
  state?: Json;
  /** From now on; null ends it. Left out, it stays. */
  heartbeat?: Heartbeat | null;
  /** The vendor asks for another socket: this one is closed, and `connect` is called. */
  reconnect?: boolean;
}

/** What `connect` answered, as the host finds it. */
export interface CarriedOpening extends Omit<StreamOpening, "send"> {
  send: StreamMessage[];
}

/** What messages came to, as the host finds it. */
export interface CarriedAnswer<Item> extends Omit<StreamAnswer<Item>, "items" | "send"> {
  items: { key: string; item: Item }[];
  send: StreamMessage[];
}

/** A trigger on a stream as the host finds it in a plugin. */
export interface StreamTrigger<
  Output extends TSchema = TSchema,
  Settings extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> extends StreamTriggerDefinition<Output, Settings, Config> {
  /** What the host calls before it opens a socket. */
  open(context: ConnectContext<SettingsOf<Settings>, ConfigOf<Config>>): Promise<CarriedOpening>;
  /** What the host calls with the messages that have come since: one after the other. */
  receive(
    context: StreamContext<SettingsOf<Settings>, ConfigOf<Config>> & { messages: StreamMessage[] },
  ): Promise<CarriedAnswer<Static<Output>>>;
}

/** Adds what the host calls. */
export function openStream<
  Output extends TSchema,
  Settings extends TSchema = TSchema,
  Config extends TSchema = TSchema,
>(definition: StreamTriggerDefinition<Output, Settings, Config>): StreamTrigger<Output, Settings, Config> {
  return {
    ...definition,
    async open(context) {
      const { send = [], ...opening } = await definition.connect(context);
      return { ...opening, send };
    },
    async receive({ messages, ...context }) {
      const all: CarriedAnswer<Static<Output>> = { items: [], send: [] };
      let { state } = context;
      for (const message of messages) {
        const answer = (await definition.message({ ...context, state, message })) ?? {};
        const { items = [], send = [], ...rest } = answer;
        all.items.push(...items.map((item) => ({ key: definition.dedupeKey(item), item })));
        all.send.push(...send);
        Object.assign(all, rest);
        if (rest.state !== undefined) state = rest.state;
        if (rest.reconnect) break;
      }
      return all;
    },
  };
}
