import { newStripeId } from "../ids.ts";
import type { Params, ParamTable, ParamValue } from "../params/kinds.ts";
import { text } from "../params/kinds.ts";

/** https://docs.stripe.com/api/customers/object, the part that is always there. */
export interface Customer {
  id: string;
  object: "customer";
  address: ParamValue;
  balance: number;
  business_name?: string;
  created: number;
  currency: string | null;
  default_source: string | null;
  delinquent: boolean;
  description: ParamValue;
  discount: null;
  email: ParamValue;
  individual_name?: string;
  invoice_prefix: string;
  invoice_settings: ParamValue;
  livemode: boolean;
  metadata: Record<string, string>;
  name: ParamValue;
  next_invoice_sequence: number;
  phone: ParamValue;
  preferred_locales: ParamValue;
  shipping: ParamValue;
  tax_exempt: string;
  test_clock: null;
}

const address: ParamTable = {
  city: text(5000),
  country: text(5000),
  line1: text(5000),
  line2: text(5000),
  postal_code: text(5000),
  state: text(5000),
};

/** What both create and update take. `source`, `tax` and their kin are not simulated, so they are unknown. */
export const customerParams: ParamTable = {
  address: { kind: "hash", fields: address },
  balance: { kind: "integer" },
  business_name: text(150),
  description: text(5000),
  email: { kind: "email" },
  individual_name: text(150),
  invoice_prefix: text(12),
  metadata: { kind: "metadata" },
  name: text(256),
  next_invoice_sequence: { kind: "integer", min: 1 },
  phone: text(20),
  preferred_locales: { kind: "list", of: text(10) },
  shipping: {
    kind: "hash",
    fields: { address: { kind: "hash", fields: address }, name: text(5000), phone: text(5000) },
    required: ["address", "name"],
  },
  tax_exempt: { kind: "choice", values: ["exempt", "none", "reverse"] },
};

/** A customer with Stripe's defaults. `created` is in seconds. */
export function newCustomer(created: number): Customer {
  const id = newStripeId("cus");
  return {
    id,
    object: "customer",
    address: null,
    balance: 0,
    created,
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: id.slice(-8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
  };
}

/** The customer with the given parameters set; `null` unsets, and metadata is merged key by key. */
export function applyCustomerParams(customer: Customer, params: Params): Customer {
  const { metadata, ...fields } = params;
  const changed: Customer = { ...customer, ...withDefaults(fields) };
  if (metadata !== undefined) changed.metadata = mergeMetadata(customer.metadata, metadata);
  return changed;
}

function withDefaults(fields: Params): Params {
  const changed: Params = { ...fields };
  if (isHash(changed.address)) changed.address = fullAddress(changed.address);
  const shipping = changed.shipping;
  if (isHash(shipping) && isHash(shipping.address))
    changed.shipping = { phone: null, ...shipping, address: fullAddress(shipping.address) };
  if (changed.preferred_locales === null) changed.preferred_locales = [];
  if (changed.tax_exempt === null) changed.tax_exempt = "none";
  return changed;
}

function fullAddress(given: Params): Params {
  return { city: null, country: null, line1: null, line2: null, postal_code: null, state: null, ...given };
}

function mergeMetadata(before: Record<string, string>, change: ParamValue): Record<string, string> {
  if (!isHash(change)) return {};
  const merged = { ...before };
  for (const [key, value] of Object.entries(change)) {
    if (typeof value === "string") merged[key] = value;
    else delete merged[key];
  }
  return merged;
}

function isHash(value: ParamValue | undefined): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
