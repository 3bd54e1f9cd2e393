import { Type } from "@plugboard/plugin-sdk";
import {
  address,
  amount,
  maybe,
  maybeReference,
  maybeText,
  metadata,
  part,
  reference,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

export const charge = defineResource({
  name: "charge",
  title: "Charge",
  docs: "https://docs.stripe.com/api/charges",
  path: "/charges",
  record: {
    amount,
    amountCaptured: amount,
    amountRefunded: amount,
    currency: Type.String(),
    status: Type.String(),
    paid: Type.Boolean(),
    captured: Type.Boolean(),
    refunded: Type.Boolean(),
    disputed: Type.Boolean(),
    customer: maybeReference("customer"),
    paymentIntent: maybeReference("payment intent"),
    paymentMethod: maybeReference("payment method"),
    balanceTransaction: maybeReference("balance transaction"),
    card: maybe(
      part({
        brand: maybeText,
        last4: maybeText,
        expMonth: maybe(Type.Integer()),
        expYear: maybe(Type.Integer()),
        country: maybeText,
        funding: maybeText,
      }),
    ),
    billingDetails: part({ name: maybeText, email: maybeText, phone: maybeText, address: maybe(address) }),
    description: maybeText,
    failureCode: maybeText,
    failureMessage: maybeText,
    outcome: maybe(
      part({
        type: Type.String(),
        reason: maybeText,
        riskLevel: maybeText,
        networkStatus: maybeText,
        sellerMessage: maybeText,
      }),
    ),
    receiptEmail: maybeText,
    receiptUrl: maybeText,
    statementDescriptor: maybeText,
    transferGroup: maybeText,
    metadata,
    livemode: Type.Boolean(),
  },
  places: { card: "payment_method_details.card" },
  filter: {
    ...created,
    customer: Type.Optional(reference("customer")),
    paymentIntent: Type.Optional(reference("payment intent")),
    transferGroup: Type.Optional(Type.String()),
  },
  search:
    "amount, created, currency, customer, disputed, metadata, payment_method_details.card.last4, refunded, status",
  events: [
    "charge.succeeded",
    "charge.failed",
    "charge.pending",
    "charge.captured",
    "charge.refunded",
    "charge.expired",
    "charge.updated",
  ],
  isEntity: true,
});
