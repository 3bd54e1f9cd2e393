import type { Events } from "./events.ts";
import type { Storage } from "./storage.ts";

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Writes to the connection's log. `fields` are plain JSON. */
export interface Logger {
  debug(message: string, fields?: { [name: string]: Json }): void;
  info(message: string, fields?: { [name: string]: Json }): void;
  warn(message: string, fields?: { [name: string]: Json }): void;
  error(message: string, fields?: { [name: string]: Json }): void;
}

/** The tenant's account at the vendor that the call is for. Its credential stays with the host. */
export interface Connection {
  id: string;
  /** The settings that `connection.config` in plugin.json describes. */
  config: { readonly [field: string]: Json };
}

/** What an action is handed. */
export interface ActionContext<Input> {
  /** Checked against the action's `input` schema. */
  input: Input;
  /** The standard `fetch`, to the hosts that plugin.json declares; the host adds the credential. */
  fetch: typeof fetch;
  /** There when plugin.json asks for `permissions.storage`; without it, undefined whatever the type says. */
  storage: Storage;
  /** There when plugin.json asks for `permissions.events` with types to publish; else undefined. */
  events: Events;
  log: Logger;
  connection: Connection;
  /** Aborted when the call is cancelled or out of time. */
  signal: AbortSignal;
}
