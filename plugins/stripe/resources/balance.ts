import { action, Type } from "@plugboard/plugin-sdk";
import { readRecord } from "../api/convert.ts";
import { amount, maybe, maybeReference, maybeText, part, reference, time } from "../api/fields.ts";
import { openStripe } from "../api/stripe.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

const amounts = Type.Array(part({ amount, currency: Type.String() }));
const Balance = part({ available: amounts, pending: amounts, livemode: Type.Boolean() });

export const getBalance = action({
  title: "Get the balance",
  description: "What Stripe holds for the account. See https://docs.stripe.com/api/balance",
  input: Type.Object({}),
  output: Balance,
  async run(context) {
    return readRecord(Balance, await openStripe(context).get("/balance")) as never;
  },
});

/** What moved the balance. */
export const balanceTransaction = defineResource({
  name: "balance-transaction",
  title: "Balance transaction",
  docs: "https://docs.stripe.com/api/balance_transactions",
  path: "/balance_transactions",
  record: {
    amount,
    fee: amount,
    net: amount,
    currency: Type.String(),
    type: Type.String(),
    reportingCategory: Type.String(),
    status: Type.String(),
    description: maybeText,
    source: maybeReference("what it is about"),
    exchangeRate: maybe(Type.Number()),
    availableOn: time,
    feeDetails: Type.Array(
      part({ amount, currency: Type.String(), type: Type.String(), description: maybeText }),
    ),
  },
  filter: {
    ...created,
    type: Type.Optional(Type.String({ maxLength: 100 })),
    currency: Type.Optional(Type.String({ maxLength: 3 })),
    source: Type.Optional(reference("charge, a refund, …")),
    payout: Type.Optional(reference("payout")),
  },
  events: [],
  isEntity: false,
});
