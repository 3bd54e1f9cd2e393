import type { Events } from "./events.ts";
import type { Files } from "./files.ts";
import type { Storage } from "./storage.ts";
import type { Static, TSchema } from "./type.ts";

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Writes to the connection's log. `fields` are plain JSON. */
export interface Logger {
  debug(message: string, fields?: { [name: string]: Json }): void;
  info(message: string, fields?: { [name: string]: Json }): void;
  warn(message: string, fields?: { [name: string]: Json }): void;
  error(message: string, fields?: { [name: string]: Json }): void;
}

/** A connection's settings whose schema the code does not repeat. */
export interface AnyConfig {
  readonly [field: string]: Json;
}

/** The tenant's account at the vendor that the call is for. Its credential stays with the host. */
export interface Connection<Config = AnyConfig> {
  id: string;
  /** The settings that `connection.config` in plugin.json describes. */
  config: Readonly<Config>;
}

/**
 * What an action, trigger or entity says of the connections it runs over, so that `connection.config` has its type. The
 * schema is that of `connection.config` in plugin.json; the build refuses another one.
 *
 * @example
 * export const shop = { config: Type.Object({ shop: Type.String({ pattern: "^[a-z0-9-]+$" }) }) };
 * action({ connection: shop, async run({ connection }) { connection.config.shop }, … })
 */
export interface ConnectionDeclaration<Config extends TSchema = TSchema> {
  config: Config;
}

/** The type of `connection.config` under such a declaration, or without one. */
export type ConfigOf<Config extends TSchema> = [TSchema] extends [Config] ? AnyConfig : Static<Config>;

/** What every call is handed: an action's, a trigger's, an entity's. */
export interface CallContext<Config = AnyConfig> {
  /** The standard `fetch`, to the hosts that plugin.json declares; the host adds the credential. */
  fetch: typeof fetch;
  /** There when plugin.json asks for `permissions.storage`; without it, undefined whatever the type says. */
  storage: Storage;
  /** There when plugin.json asks for `permissions.events` with types to publish; else undefined. */
  events: Events;
  /** There when plugin.json asks for `permissions.files`; else undefined. */
  files: Files;
  log: Logger;
  connection: Connection<Config>;
  /** Aborted when the call is cancelled or out of time. */
  signal: AbortSignal;
}

/** What an action is handed. */
export interface ActionContext<Input, Config = AnyConfig> extends CallContext<Config> {
  /** Checked against the action's `input` schema. */
  input: Input;
  /** The same for the same wish, however often it is tried; for the vendor's idempotency header. */
  idempotencyKey: string;
}
