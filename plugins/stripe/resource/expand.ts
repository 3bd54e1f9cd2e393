import { type Json, Type } from "@plugboard/plugin-sdk";
import type { StripeRecord } from "../api/stripe.ts";

/** https://docs.stripe.com/expand */
export const expandInput = Type.Optional(
  Type.Array(Type.String({ pattern: "^[a-z_]+(\\.[a-z_]+){0,7}$" }), {
    maxItems: 20,
    description: "Stripe's names of what to send along in full, such as latest_charge.balance_transaction",
  }),
);

export const expandedOutput = Type.Optional(
  Type.Record(Type.Unknown(), { description: "What was asked for with expand, as Stripe writes it" }),
);

/** What stands in a record under the fields that were asked to be expanded. */
export function expandedOf(
  record: StripeRecord,
  expand: string[] | undefined,
): { expanded?: { [field: string]: Json } } {
  if (!expand?.length) return {};
  const fields = new Set(expand.map((path) => path.split(".")[0] ?? path));
  return {
    expanded: Object.fromEntries([...fields].map((field) => [field, (record[field] ?? null) as Json])),
  };
}
