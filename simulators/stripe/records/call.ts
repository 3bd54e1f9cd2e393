import type { Account } from "../accounts.ts";
import { noSuchResource } from "../errors.ts";
import { newStripeId } from "../ids.ts";
import { apiVersion } from "../version.ts";
import type { AnyRecord, Name, Shapes, StoredEvent } from "./shapes.ts";

/** One request at work on the records of an account. */
export interface Call {
  account: Account;
  /** Seconds since 1970. */
  now: number;
  /** @throws {StripeApiError} `resource_missing`; `param` says which parameter named it, `id` that the path did */
  find<Of extends Name>(name: Of, id: string, param?: string): Shapes[Of];
  /** Oldest first. */
  all<Of extends Name>(name: Of): Shapes[Of][];
  /** Stores a record, and tells of it if `eventType` says as what. */
  save<Of extends Name>(name: Of, record: Shapes[Of], eventType?: string): Shapes[Of];
  remove<Of extends Name>(name: Of, record: Shapes[Of], eventType?: string): void;
  /** What happened, for the account's webhook endpoints. */
  events: StoredEvent[];
}

export function openCall(
  account: Account,
  request: { id: string | null; idempotencyKey: string | null; nowMs: number },
): Call {
  const now = Math.floor(request.nowMs / 1000);
  const events: StoredEvent[] = [];

  /** Only what is in it belongs to the resource of that name. */
  function table<Of extends Name>(name: Of): Map<string, Shapes[Of]> {
    const held = account.records.get(name) ?? new Map();
    account.records.set(name, held);
    return held as Map<string, Shapes[Of]>;
  }

  function emit(type: string, object: AnyRecord, previous?: { [field: string]: unknown }): void {
    const event: StoredEvent = {
      id: newStripeId("evt"),
      object: "event",
      api_version: apiVersion,
      created: now,
      data: structuredClone({ object, ...(previous && { previous_attributes: previous }) }),
      livemode: false,
      pending_webhooks: [...table("webhook_endpoint").values()].filter(({ enabled_events }) =>
        hears(enabled_events, type),
      ).length,
      request: { id: request.id, idempotency_key: request.idempotencyKey },
      type,
    };
    table("event").set(event.id, event);
    events.push(event);
  }

  return {
    account,
    now,
    events,
    find(name, id, param) {
      const found = table(name).get(id);
      if (!found) throw noSuchResource(labels[name] ?? name, id, param);
      return found;
    },
    all: (name) => [...table(name).values()],
    save(name, record, eventType) {
      const before = table(name).get(record.id);
      table(name).set(record.id, record);
      if (eventType) {
        const isUpdate = eventType.endsWith(".updated") && before;
        emit(eventType, record as unknown as AnyRecord, isUpdate ? changesOf(before, record) : undefined);
      }
      return record;
    },
    remove(name, record, eventType) {
      table(name).delete(record.id);
      account.deleted.add(record.id);
      if (eventType) emit(eventType, record as unknown as AnyRecord);
    },
  };
}

/** What Stripe calls a resource in its messages, where that is not the name. */
const labels: { readonly [name: string]: string } = { payment_method: "PaymentMethod" };

/** Whether an endpoint that listens to these types is sent one. */
export const hears = (enabled: readonly string[], type: string): boolean =>
  enabled.includes("*") || enabled.includes(type);

/** The fields that differ, as they were. */
function changesOf(before: object, after: object): { [field: string]: unknown } {
  const now = new Map(Object.entries(after));
  return Object.fromEntries(
    Object.entries(before).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now.get(name))),
  );
}
