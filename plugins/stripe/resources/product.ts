import { Type } from "@plugboard/plugin-sdk";
import {
  clearable,
  currency,
  maybe,
  maybeReference,
  maybeText,
  metadata,
  metadataInput,
  part,
  price,
  priceData,
  reference,
  time,
  url,
  words,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

const fields = {
  active: Type.Optional(Type.Boolean()),
  description: Type.Optional(clearable(40_000)),
  images: Type.Optional(Type.Array(url, { maxItems: 8 })),
  marketingFeatures: Type.Optional(Type.Array(part({ name: words(80) }), { maxItems: 15 })),
  metadata: Type.Optional(metadataInput),
  shippable: Type.Optional(Type.Boolean()),
  statementDescriptor: Type.Optional(words(22)),
  taxCode: Type.Optional(clearable(255)),
  unitLabel: Type.Optional(clearable(12)),
  url: Type.Optional(maybe(url)),
};

export const product = defineResource({
  name: "product",
  title: "Product",
  docs: "https://docs.stripe.com/api/products",
  path: "/products",
  record: {
    name: Type.String(),
    active: Type.Boolean(),
    description: maybeText,
    defaultPrice: maybeReference("price"),
    images: Type.Array(Type.String()),
    marketingFeatures: Type.Array(part({ name: maybeText })),
    metadata,
    shippable: maybe(Type.Boolean()),
    statementDescriptor: maybeText,
    taxCode: maybeReference("tax code"),
    unitLabel: maybeText,
    url: maybeText,
    livemode: Type.Boolean(),
    updatedAt: time,
  },
  create: {
    name: words(5000),
    ...fields,
    defaultPriceData: Type.Optional(
      part({
        currency,
        unitAmount: price,
        recurring: priceData.properties.recurring,
        taxBehavior: priceData.properties.taxBehavior,
      }),
    ),
  },
  update: { name: Type.Optional(words(5000)), ...fields, defaultPrice: Type.Optional(reference("price")) },
  filter: {
    ...created,
    active: Type.Optional(Type.Boolean()),
    shippable: Type.Optional(Type.Boolean()),
    url: Type.Optional(Type.String()),
  },
  isRemovable: true,
  search: "active, description, metadata, name, shippable, url",
  events: ["product.created", "product.updated", "product.deleted"],
  removedBy: ["product.deleted"],
  isEntity: true,
});
