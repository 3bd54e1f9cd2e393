import { pageInput, Type } from "@plugboard/plugin-sdk";

// Parts of records that more than one resource has.

export const Text = Type.String();
export const MaybeText = Type.Nullable(Text);
export const Time = Type.String({ format: "date-time" });
export const MaybeTime = Type.Nullable(Time);
/** An id as records have it. */
export const Id = Type.String({ description: "gid://shopify/…" });
/** An id as callers give it. */
export const Key = Type.String({
  minLength: 1,
  maxLength: 512,
  description: "gid://shopify/…, or the number in it",
});
export const Amount = Type.String({
  pattern: "^-?\\d{1,15}(\\.\\d{1,6})?$",
  description: "A decimal number as text, such as 19.90",
});
export const Money = Type.Object({ amount: Text, currencyCode: Text });
export const Tags = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 250 });

export const Address = Type.Object({
  firstName: MaybeText,
  lastName: MaybeText,
  company: MaybeText,
  address1: MaybeText,
  address2: MaybeText,
  city: MaybeText,
  provinceCode: MaybeText,
  zip: MaybeText,
  countryCode: MaybeText,
  phone: MaybeText,
});

/** Of a MailingAddress, as {@link Address}. */
export const addressFields =
  "firstName lastName company address1 address2 city provinceCode zip countryCode: countryCodeV2 phone";

const line = Type.Optional(Type.String({ maxLength: 255 }));

export const AddressInput = Type.Object({
  firstName: line,
  lastName: line,
  company: line,
  address1: line,
  address2: line,
  city: line,
  provinceCode: line,
  zip: line,
  countryCode: Type.Optional(Type.String({ pattern: "^[A-Z]{2}$" })),
  phone: line,
});

/** How many records callers of a list are given, and may ask for. */
export const pageLimits = { defaultLimit: 50, maxLimit: 250 };
export const pageFields = pageInput(pageLimits);

export const queryFilter = {
  query: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: "Shopify's search syntax, for example status:active",
    }),
  ),
};
