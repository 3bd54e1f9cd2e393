import { Type } from "@plugboard/plugin-sdk";
import { amount, maybe, maybeReference, maybeText } from "../api/fields.ts";

/** What is sold in a checkout session or through a payment link. */
export const lineItems = {
  id: Type.String(),
  description: maybeText,
  price: maybeReference("price"),
  quantity: maybe(Type.Integer()),
  currency: Type.String(),
  amountSubtotal: amount,
  amountTotal: amount,
};
