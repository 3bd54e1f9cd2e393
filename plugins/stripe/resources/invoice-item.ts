import { Type } from "@plugboard/plugin-sdk";
import {
  amount,
  count,
  currency,
  maybe,
  maybeReference,
  maybeText,
  metadata,
  metadataInput,
  part,
  priceData,
  reference,
  time,
  words,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

const fields = {
  amount: Type.Optional(amount),
  description: Type.Optional(words(5000)),
  discountable: Type.Optional(Type.Boolean()),
  metadata: Type.Optional(metadataInput),
  period: Type.Optional(part({ start: time, end: time })),
  price: Type.Optional(reference("price")),
  priceData: Type.Optional(priceData),
  quantity: Type.Optional(count(0)),
};

/** What will stand in an invoice. */
export const invoiceItem = defineResource({
  name: "invoice-item",
  title: "Invoice item",
  docs: "https://docs.stripe.com/api/invoiceitems",
  path: "/invoiceitems",
  record: {
    amount,
    currency: Type.String(),
    customer: Type.String({ description: "The id of a customer" }),
    invoice: maybeReference("invoice"),
    description: maybeText,
    price: maybeReference("price"),
    quantity: Type.Integer(),
    proration: Type.Boolean(),
    period: part({ start: time, end: time }),
    metadata: maybe(metadata),
    livemode: Type.Boolean(),
  },
  places: { createdAt: "date", price: "pricing.price" },
  readPlaces: { price: "pricing.price_details.price" },
  create: {
    customer: reference("customer"),
    currency: Type.Optional(currency),
    invoice: Type.Optional(reference("invoice that is a draft; else the next one")),
    subscription: Type.Optional(reference("subscription")),
    ...fields,
  },
  update: fields,
  filter: {
    ...created,
    customer: Type.Optional(reference("customer")),
    invoice: Type.Optional(reference("invoice")),
    pending: Type.Optional(Type.Boolean()),
  },
  isRemovable: true,
  events: ["invoiceitem.created", "invoiceitem.deleted"],
  removedBy: ["invoiceitem.deleted"],
  isEntity: false,
});
