import type { AnyConfig, CallContext, Json } from "./context.ts";

/** What a vendor sent to the host's endpoint; its signature was verified. */
export interface Delivery {
  /** By name in lower case. Those that carry signatures or credentials are not among them. */
  headers: { readonly [name: string]: string };
  /** The body as parsed from JSON or a form; undefined when it is neither. */
  body: Json | undefined;
  /** The body as it came, as text. */
  rawBody: string;
  /** What `webhooks.eventType` and `webhooks.eventId` of plugin.json point at; undefined when there is none. */
  type: string | undefined;
  id: string | undefined;
}

/** A vendor's delivery in the plugin's own terms. One delivery may be several events, or none. */
export interface NormalizedEvent {
  /** Such as `payment.succeeded`; one of `permissions.events.publish`. */
  type: string;
  /** The vendor's id of this fact: what comes twice under it is stored once. */
  id?: string;
  /** When it happened, ISO 8601. */
  occurredAt?: string;
  /** The plugin's entity that it is about, and the record's key: what keeps records in step reads these. */
  entity?: string;
  key?: string;
  data: Json;
}

/** What `normalize` is handed. */
export interface NormalizeContext extends CallContext<AnyConfig> {
  delivery: Delivery;
}

/**
 * How a plugin reads what its vendor sends.
 *
 * @example
 * webhooks: {
 *   normalize({ delivery }) {
 *     const { id, type, object } = delivery.body as unknown as VendorEvent;
 *     return type === "payment.paid" ? [{ type: "payment.succeeded", id, data: object }] : [];
 *   },
 * }
 */
export interface Webhooks {
  /** @throws PluginError `invalid-input`, when the delivery is not one that can be read */
  normalize(context: NormalizeContext): NormalizedEvent[] | Promise<NormalizedEvent[]>;
}
