import { invalidRequest, noSuchResource } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { idOf, mergeMetadata } from "../../records/change.ts";
import type { Plan, Price, Subscription, SubscriptionItem } from "../../records/shapes.ts";
import { listOf } from "../core/page.ts";
import { usePrice } from "./line-price.ts";

export interface GivenItem {
  id?: string;
  deleted?: boolean;
  price?: string;
  price_data?: object;
  quantity?: number;
  metadata?: { [key: string]: string | number | null } | "" | null;
}

export interface Period {
  start: number;
  end: number;
}

export function itemOf(
  call: Call,
  subscription: string,
  given: GivenItem,
  index: number,
  period?: Period,
): SubscriptionItem {
  const price = usePrice(call, given, `items[${index}][price]`);
  if (!price.recurring)
    throw invalidRequest(
      400,
      undefined,
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      `items[${index}][price]`,
    );
  return {
    id: newStripeId("si"),
    object: "subscription_item",
    billing_thresholds: null,
    created: call.now,
    current_period_end: period?.end ?? endOfPeriod(call.now, price),
    current_period_start: period?.start ?? call.now,
    current_trial: null,
    discounts: [],
    metadata: mergeMetadata({}, given.metadata ?? undefined),
    plan: planOf(price),
    price,
    quantity: given.quantity ?? 1,
    subscription,
    tax_rates: [],
  };
}

/** Items that are named are changed or removed, others are added. */
export function changeItems(
  call: Call,
  { id, items }: Subscription,
  given: GivenItem[],
): Subscription["items"] {
  let held = items.data;
  const period = held[0] && { start: held[0].current_period_start, end: held[0].current_period_end };
  for (const [index, change] of given.entries()) {
    if (change.id === undefined) {
      held = [...held, itemOf(call, id, change, index, period)];
      continue;
    }
    const item = held.find((one) => one.id === change.id);
    if (!item) throw noSuchResource("subscription_item", change.id, `items[${index}][id]`);
    const price =
      change.price || change.price_data ? usePrice(call, change, `items[${index}][price]`) : item.price;
    held = held.flatMap((one) => {
      if (one !== item) return [one];
      if (change.deleted) return [];
      const metadata = mergeMetadata(item.metadata, change.metadata ?? undefined);
      return [
        { ...item, price, plan: planOf(price), quantity: change.quantity ?? item.quantity ?? 1, metadata },
      ];
    });
  }
  if (held.length === 0)
    throw invalidRequest(400, undefined, "A subscription must have at least one active plan.", "items");
  return listOf(items.url, held);
}

function endOfPeriod(start: number, { recurring }: Price): number {
  const date = new Date(start * 1000);
  const count = recurring?.interval_count ?? 1;
  if (recurring?.interval === "day") date.setUTCDate(date.getUTCDate() + count);
  if (recurring?.interval === "week") date.setUTCDate(date.getUTCDate() + 7 * count);
  if (recurring?.interval === "month") date.setUTCMonth(date.getUTCMonth() + count);
  if (recurring?.interval === "year") date.setUTCFullYear(date.getUTCFullYear() + count);
  return Math.floor(date.getTime() / 1000);
}

/** What prices were called before; replies have it still. */
function planOf(price: Price): Plan {
  return {
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: "per_unit",
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? "month",
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: idOf(price.product),
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: "licensed",
  };
}
