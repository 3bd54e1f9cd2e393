import type { Json } from "./context.ts";

/**
 * Tells the tenant that something happened: the event is stored, and sent where the tenant wants it. It is there when
 * plugin.json asks for `permissions.events` with types to `publish`. What is refused is an Error with a `code`:
 * - `event-not-granted`: `permissions.events.publish` does not cover the type;
 * - `event-too-large`: the data takes more bytes than an event may;
 * - `events-limit-exceeded`: one call has published as many events as it may;
 * - `event-invalid-argument`: type, data or option is not what it must be.
 *
 * @example
 * await events.publish("payment.succeeded", { id: payment.id }, { dedupeKey: payment.id });
 */
export interface Events {
  /** Answers the id under which the event is stored: with a `dedupeKey` that was used before, that of the first. */
  publish(type: string, data: Json, options?: PublishOptions): Promise<{ id: string }>;
}

/** What else is said of an event as it is published. */
export interface PublishOptions {
  /** The same fact told twice by one install, under the same key, is one event. 1 to 256 characters. */
  dedupeKey?: string | undefined;
}
