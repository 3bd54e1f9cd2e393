import { createHmac, randomUUID } from "node:crypto";
import { apiVersion } from "../schema/load.ts";
import type { Shop } from "../shops.ts";

/** A webhook on its way, or there. */
export interface Delivery {
  /** The same at every attempt. */
  webhookId: string;
  topic: string;
  domain: string;
  uri: string;
  body: string;
  /** The status of each attempt; 0 where there was no answer. */
  statuses: number[];
  /** Milliseconds since 1970; undefined once it has arrived, or was given up. */
  dueAt: number | undefined;
}

export interface Deliveries {
  /** In the order in which they began. */
  all: Delivery[];
  /** Sends it to whoever has subscribed to the topic. */
  tell(shop: Shop, topic: string, payload: object): void;
  /** Sends it to one place, as the topics that are set in an app's settings are. */
  send(shop: Shop, topic: string, payload: object, uri: string): void;
  /** Tries again what is due, and waits until nothing is under way. */
  deliverDue(): Promise<void>;
}

/** Eight more attempts within four hours: https://shopify.dev/docs/apps/build/webhooks/subscribe/https */
const pausesMinutes = [1, 2, 4, 8, 15, 30, 60, 120];
const answerMs = 5_000;

/** @param options.addressOf where an endpoint really is, for those that stand in for a public one */
export function createDeliveries(options: {
  secret: string;
  nowMs(): number;
  addressOf(uri: string): string;
}): Deliveries {
  const { secret, nowMs, addressOf } = options;
  const all: Delivery[] = [];
  const underWay = new Set<Promise<void>>();

  async function attempt(delivery: Delivery, headers: Record<string, string>, giveUp: () => void) {
    delivery.dueAt = undefined;
    const signature = createHmac("sha256", secret).update(delivery.body).digest("base64");
    const status = await fetch(addressOf(delivery.uri), {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(answerMs),
      headers: { ...headers, "X-Shopify-Hmac-Sha256": signature },
      body: delivery.body,
    }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => 0,
    );
    delivery.statuses.push(status);
    if (status >= 200 && status < 300) return;
    const pause = pausesMinutes[delivery.statuses.length - 1];
    if (pause === undefined) giveUp();
    else delivery.dueAt = nowMs() + pause * 60_000;
  }

  const again = new Map<Delivery, () => Promise<void>>();
  function go(delivery: Delivery) {
    const work = again.get(delivery)?.();
    if (!work) return;
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  function begin(shop: Shop, topic: string, payload: object, uri: string, giveUp: () => void) {
    const delivery: Delivery = {
      webhookId: randomUUID(),
      topic,
      domain: shop.domain,
      uri,
      body: JSON.stringify(payload),
      statuses: [],
      dueAt: undefined,
    };
    const headers = {
      "Content-Type": "application/json",
      "User-Agent": "Shopify-Captain-Hook",
      "X-Shopify-Topic": topic,
      "X-Shopify-Shop-Domain": shop.domain,
      "X-Shopify-API-Version": apiVersion,
      "X-Shopify-Webhook-Id": delivery.webhookId,
      "X-Shopify-Event-Id": randomUUID(),
      "X-Shopify-Triggered-At": new Date(nowMs()).toISOString(),
    };
    all.push(delivery);
    again.set(delivery, () => attempt(delivery, headers, giveUp));
    go(delivery);
  }

  return {
    all,
    tell(shop, topic, payload) {
      const name = topic.replace("/", "_").toUpperCase();
      const { WebhookSubscription: subscriptions } = shop.tables;
      // Who never answers is not told any more.
      for (const { id, topic: wanted, uri } of subscriptions.values())
        if (wanted === name) begin(shop, topic, payload, uri, () => subscriptions.delete(id));
    },
    send: (shop, topic, payload, uri) => begin(shop, topic, payload, uri, () => {}),
    async deliverDue() {
      for (const delivery of all) if (delivery.dueAt !== undefined && delivery.dueAt <= nowMs()) go(delivery);
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
