import { Type } from "@plugboard/plugin-sdk";
import {
  address,
  amount,
  clearable,
  email,
  maybe,
  maybeReference,
  maybeText,
  metadata,
  metadataInput,
  reference,
  shipping,
  words,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

const fields = {
  email: Type.Optional(email),
  name: Type.Optional(clearable(256)),
  phone: Type.Optional(clearable(20)),
  description: Type.Optional(clearable(5000)),
  address: Type.Optional(maybe(address)),
  shipping: Type.Optional(maybe(shipping)),
  balance: Type.Optional(amount),
  preferredLocales: Type.Optional(Type.Array(words(10), { minItems: 1, maxItems: 20 })),
  taxExempt: Type.Optional(Type.Enum(["exempt", "none", "reverse"])),
  metadata: Type.Optional(metadataInput),
};

export const customer = defineResource({
  name: "customer",
  title: "Customer",
  docs: "https://docs.stripe.com/api/customers",
  path: "/customers",
  record: {
    email: maybeText,
    name: maybeText,
    phone: maybeText,
    description: maybeText,
    address: maybe(address),
    shipping: maybe(shipping),
    balance: amount,
    currency: maybeText,
    delinquent: maybe(Type.Boolean()),
    defaultPaymentMethod: maybeReference("payment method"),
    preferredLocales: Type.Array(Type.String()),
    taxExempt: maybeText,
    metadata,
    livemode: Type.Boolean(),
  },
  places: { defaultPaymentMethod: "invoice_settings.default_payment_method" },
  create: { ...fields, paymentMethod: Type.Optional(reference("payment method to attach")) },
  update: { ...fields, defaultPaymentMethod: Type.Optional(reference("payment method")) },
  filter: {
    ...created,
    email: Type.Optional(Type.String({ maxLength: 512, description: "Only this address" })),
  },
  isRemovable: true,
  search: "created, email, metadata, name, phone",
  events: ["customer.created", "customer.updated", "customer.deleted"],
  removedBy: ["customer.deleted"],
  isEntity: true,
});
