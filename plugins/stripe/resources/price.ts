import { Type } from "@plugboard/plugin-sdk";
import {
  count,
  currency,
  maybe,
  maybeText,
  metadata,
  metadataInput,
  price as money,
  part,
  priceData,
  reference,
  words,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

const fields = {
  active: Type.Optional(Type.Boolean()),
  lookupKey: Type.Optional(words(200)),
  metadata: Type.Optional(metadataInput),
  nickname: Type.Optional(words(5000)),
  taxBehavior: priceData.properties.taxBehavior,
  transferLookupKey: Type.Optional(
    Type.Boolean({ description: "Take the lookup key over from the price that has it" }),
  ),
};

const interval = Type.Enum(["day", "week", "month", "year"]);
const type = Type.Enum(["one_time", "recurring"]);

export const price = defineResource({
  name: "price",
  title: "Price",
  docs: "https://docs.stripe.com/api/prices",
  path: "/prices",
  record: {
    product: Type.String({ description: "The id of a product" }),
    active: Type.Boolean(),
    currency: Type.String(),
    type: Type.String(),
    unitAmount: maybe(Type.Integer()),
    unitAmountDecimal: maybeText,
    billingScheme: Type.String(),
    recurring: maybe(
      part({
        interval: Type.String(),
        intervalCount: Type.Integer(),
        usageType: maybeText,
        meter: maybeText,
      }),
    ),
    lookupKey: maybeText,
    nickname: maybeText,
    taxBehavior: maybeText,
    tiersMode: maybeText,
    metadata,
    livemode: Type.Boolean(),
  },
  create: {
    currency,
    product: Type.Optional(reference("product")),
    productData: priceData.properties.productData,
    unitAmount: Type.Optional(money),
    unitAmountDecimal: Type.Optional(
      Type.String({ pattern: "^[0-9]{1,8}(\\.[0-9]{1,12})?$", description: "With parts of a cent" }),
    ),
    recurring: Type.Optional(
      part({
        interval,
        intervalCount: Type.Optional(count(1)),
        usageType: Type.Optional(Type.Enum(["licensed", "metered"])),
        meter: Type.Optional(reference("meter")),
      }),
    ),
    ...fields,
  },
  update: fields,
  filter: {
    ...created,
    product: Type.Optional(reference("product")),
    active: Type.Optional(Type.Boolean()),
    currency: Type.Optional(currency),
    type: Type.Optional(type),
    lookupKeys: Type.Optional(Type.Array(words(200), { minItems: 1, maxItems: 10 })),
  },
  search: "active, currency, lookup_key, metadata, product, type",
  events: ["price.created", "price.updated", "price.deleted"],
  removedBy: ["price.deleted"],
  isEntity: true,
});
