import type Stripe from "stripe";
import { newStripeId } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { created, equal } from "../core/filters.ts";
import { defineResource } from "../core/resource.ts";

const daySeconds = 86_400;
/** When what was paid can be paid out. */
const settlementDays = 2;

/** https://docs.stripe.com/api/balance_transactions */
export const balanceTransaction = defineResource<"balance_transaction">({
  name: "balance_transaction",
  path: "/v1/balance_transactions",
  permission: "balance_transaction_source",
  list: {
    filters: { created, currency: equal("currency"), source: equal("source"), type: equal("type") },
  },
  references: { source: "charge" },
});

/** Books what moved; answers the id. */
export function addBalanceTransaction(
  call: Call,
  moved: {
    type: "charge" | "refund";
    amount: number;
    fee: number;
    currency: string;
    source: string;
    description: string | null;
  },
): string {
  const { fee, currency, ...fields } = moved;
  const id = newStripeId("txn");
  call.save("balance_transaction", {
    id,
    object: "balance_transaction",
    ...fields,
    currency,
    available_on: call.now + settlementDays * daySeconds,
    balance_type: "payments",
    created: call.now,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency,
              description: "Stripe processing fees",
              type: "stripe_fee",
            },
          ],
    net: moved.amount - fee,
    reporting_category: moved.type,
    status: "pending",
  });
  return id;
}

/** What Stripe takes of a payment by card in the United States: 2.9 % and 30 cents. */
export const paymentFee = (amount: number): number => Math.round(amount * 0.029) + 30;

/** https://docs.stripe.com/api/balance */
export function balanceOf(call: Call): Stripe.Balance {
  const sums = new Map<string, { available: number; pending: number }>();
  for (const { currency, net, available_on } of call.all("balance_transaction")) {
    const sum = sums.get(currency) ?? { available: 0, pending: 0 };
    sum[available_on <= call.now ? "available" : "pending"] += net;
    sums.set(currency, sum);
  }
  if (sums.size === 0) sums.set("usd", { available: 0, pending: 0 });
  const amounts = (which: "available" | "pending") =>
    [...sums].map(([currency, sum]) => ({
      amount: sum[which],
      currency,
      source_types: { card: sum[which] },
    }));
  return { object: "balance", available: amounts("available"), livemode: false, pending: amounts("pending") };
}
