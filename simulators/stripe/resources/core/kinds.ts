import type { ParamKind, ParamTable } from "../../params/kinds.ts";
import { text } from "../../params/kinds.ts";

// Parameters that many resources have.

export const metadata: ParamKind = { kind: "metadata" };
export const boolean: ParamKind = { kind: "boolean" };
export const integer: ParamKind = { kind: "integer" };
/** In the smallest unit of the currency. */
export const amount: ParamKind = { kind: "integer", min: 0, max: 99_999_999 };
export const reference = text(5000);
export const url = text(5000);
export const choice = (...values: string[]): ParamKind => ({ kind: "choice", values });
export const list = (of: ParamKind): ParamKind => ({ kind: "list", of });
export const hash = (fields: ParamTable, ...required: string[]): ParamKind => ({
  kind: "hash",
  fields,
  required,
});
export const currency: ParamKind = { kind: "currency" };

export const address: ParamTable = {
  city: text(5000),
  country: text(5000),
  line1: text(5000),
  line2: text(5000),
  postal_code: text(5000),
  state: text(5000),
};

/** As payments and charges have it. */
export const shipping = hash(
  {
    address: hash(address),
    carrier: text(5000),
    name: text(5000),
    phone: text(5000),
    tracking_number: text(5000),
  },
  "address",
  "name",
);

const recurring = hash(
  {
    interval: choice("day", "week", "month", "year"),
    interval_count: { kind: "integer", min: 1 },
  },
  "interval",
);

const productData = hash(
  { name: text(5000), description: text(40_000), images: list(url), metadata, tax_code: reference },
  "name",
);

/** A price that is made on the way. */
export const priceData = hash(
  {
    currency,
    product: reference,
    product_data: productData,
    recurring,
    tax_behavior: choice("exclusive", "inclusive", "unspecified"),
    unit_amount: amount,
    unit_amount_decimal: { kind: "decimal" },
  },
  "currency",
);
export { productData, recurring };
