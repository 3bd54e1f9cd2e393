import { type Static, type TSchema, Type } from "@plugboard/plugin-sdk";

// How Stripe's records and parameters are put together. convert.ts reads these schemas.

type Options = { [keyword: string]: unknown };

/** The same, or null. */
export function maybe<Schema extends TSchema>(schema: Schema) {
  const { type } = schema as { type?: unknown };
  return Type.Unsafe<Static<Schema> | null>({ ...(schema as object), type: [type, "null"] });
}

/** An object in a record, with these fields alone. */
export const part = <Fields extends Parameters<typeof Type.Object>[0]>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false });

/** Seconds since 1970 at Stripe. */
export const time = Type.String({ format: "date-time" });
export const maybeTime = maybe(time);

const text = (options: Options) => Type.String({ minLength: 1, ...options });

/** An id; where Stripe sends the whole record, its id. */
export const reference = (of: string) => text({ maxLength: 255, description: `The id of a ${of}` });
export const maybeReference = (of: string) => maybe(Type.String({ description: `The id of a ${of}` }));

export const maybeText = maybe(Type.String());
export const words = (maxLength: number, more: Options = {}) => text({ maxLength, ...more });
/** Text that null takes away. */
export const clearable = (maxLength: number) => maybe(words(maxLength));
export const email = Type.String({ format: "email", maxLength: 512 });
export const url = words(5000, { format: "uri" });

/** Amounts are whole numbers of the currency's smallest unit. */
export const amount = Type.Integer({ description: "In the currency's smallest unit, such as cents" });
export const price = Type.Integer({
  minimum: 0,
  maximum: 99_999_999,
  description: "In the currency's smallest unit, such as cents",
});
export const currency = Type.String({ pattern: "^[A-Za-z]{3}$", description: "Three letters, ISO 4217" });
export const count = (minimum: number) => Type.Integer({ minimum, maximum: 1_000_000 });

export const metadata = Type.Record(Type.String());
/** https://docs.stripe.com/api/metadata */
export const metadataInput = Type.Record(maybe(Type.String({ maxLength: 500 })), {
  maxProperties: 50,
  description: "Notes of your own; null takes one away",
});

export const address = part({
  line1: Type.Optional(Type.String()),
  line2: Type.Optional(Type.String()),
  city: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
  postalCode: Type.Optional(Type.String()),
  country: Type.Optional(Type.String({ description: "Two-letter code, ISO 3166-1" })),
});

export const shipping = part({ name: Type.String(), phone: Type.Optional(Type.String()), address });

/** A price that is made on the way, where one could also be named. */
export const priceData = part({
  currency,
  product: Type.Optional(reference("product")),
  productData: Type.Optional(
    part({
      name: words(5000),
      description: Type.Optional(words(40_000)),
      metadata: Type.Optional(metadataInput),
    }),
  ),
  unitAmount: Type.Optional(price),
  recurring: Type.Optional(
    part({
      interval: Type.Enum(["day", "week", "month", "year"]),
      intervalCount: Type.Optional(count(1)),
    }),
  ),
  taxBehavior: Type.Optional(Type.Enum(["exclusive", "inclusive", "unspecified"])),
});

/** What is bought, by a price that there is or one made for it. */
export const lineItem = part({
  price: Type.Optional(reference("price")),
  priceData: Type.Optional(priceData),
  quantity: Type.Optional(count(0)),
});
