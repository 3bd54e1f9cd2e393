import { setTimeout as delay } from "node:timers/promises";
import type Stripe from "stripe";
import type { Account } from "../accounts.ts";
import { hears } from "../records/call.ts";
import type { StoredEvent } from "../records/shapes.ts";
import { signatureOf } from "./sign.ts";

/** One attempt to deliver an event. */
export interface DeliveryAttempt {
  eventId: string;
  type: string;
  url: string;
  /** 1 for the first. */
  attempt: number;
  /** Undefined when nobody answered. */
  status: number | undefined;
}

export interface Deliveries {
  /** Every attempt so far. */
  attempts: DeliveryAttempt[];
  /** Sends events to the account's endpoints that listen to them, in the background. */
  send(account: Account, events: readonly StoredEvent[]): void;
  /** Once nothing is under way any more. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const timeoutMs = 10_000;

/**
 * Deliveries as Stripe makes them: signed anew at each attempt, tried again until a 2xx answers, in no certain order.
 *
 * @param retryDelaysMs the pauses before the second attempt and those after; Stripe's last three days
 */
export function createDeliveries(o: { retryDelaysMs: readonly number[]; nowMs: () => number }): Deliveries {
  const attempts: DeliveryAttempt[] = [];
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();

  async function deliver(
    account: Account,
    event: StoredEvent,
    endpoint: Stripe.WebhookEndpoint,
  ): Promise<void> {
    const body = JSON.stringify(event, null, 2);
    for (const [index, pauseMs] of [0, ...o.retryDelaysMs].entries()) {
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal: closing.signal });
      const secret = account.webhookSecrets.get(endpoint.id) ?? "";
      const status = await post(endpoint.url, body, signatureOf(body, secret, Math.floor(o.nowMs() / 1000)));
      if (closing.signal.aborted) return;
      attempts.push({ eventId: event.id, type: event.type, url: endpoint.url, attempt: index + 1, status });
      if (status === undefined || status < 200 || status >= 300) continue;
      const held = account.records.get("event")?.get(event.id);
      if (held) held.pending_webhooks = Math.max(0, Number(held.pending_webhooks) - 1);
      return;
    }
  }

  async function post(url: string, body: string, signature: string): Promise<number | undefined> {
    try {
      const reply = await fetch(url, {
        method: "POST",
        body,
        redirect: "manual",
        headers: {
          "Content-Type": "application/json; charset=utf-8",
          "Stripe-Signature": signature,
          "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        },
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]),
      });
      await reply.arrayBuffer();
      return reply.status;
    } catch {
      return undefined; // Nobody there, or too late: an attempt like any that failed.
    }
  }

  return {
    attempts,
    send(account, events) {
      const endpoints = [
        ...(account.records.get("webhook_endpoint")?.values() ?? []),
      ] as unknown as Stripe.WebhookEndpoint[];
      for (const event of events)
        for (const endpoint of endpoints) {
          if (endpoint.status !== "enabled" || !hears(endpoint.enabled_events, event.type)) continue;
          // Only closing ends a delivery by an error.
          const delivery = deliver(account, event, endpoint).catch(() => {});
          underWay.add(delivery);
          void delivery.then(() => underWay.delete(delivery));
        }
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}
