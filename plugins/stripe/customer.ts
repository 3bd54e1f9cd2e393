import { type Static, Type } from "@plugboard/plugin-sdk";

const addressFields = {
  line1: Type.Optional(Type.String()),
  line2: Type.Optional(Type.String()),
  city: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
  postalCode: Type.Optional(Type.String()),
  country: Type.Optional(Type.String({ description: "Two-letter code, ISO 3166-1" })),
};

export const Address = Type.Object(addressFields, { additionalProperties: false });

export const Customer = Type.Object(
  {
    id: Type.String(),
    email: Type.Union([Type.String(), Type.Null()]),
    name: Type.Union([Type.String(), Type.Null()]),
    phone: Type.Union([Type.String(), Type.Null()]),
    description: Type.Union([Type.String(), Type.Null()]),
    address: Type.Union([Address, Type.Null()]),
    metadata: Type.Record(Type.String()),
    createdAt: Type.String({ format: "date-time" }),
    livemode: Type.Boolean(),
  },
  { additionalProperties: false },
);

/** The part of Stripe's customer that this plugin reads: https://docs.stripe.com/api/customers/object */
export interface StripeCustomer {
  id: string;
  deleted?: boolean;
  email: string | null;
  name?: string | null;
  phone?: string | null;
  description: string | null;
  address?: Record<string, string | null> | null;
  metadata: Record<string, string>;
  created: number;
  livemode: boolean;
}

export function toCustomer(customer: StripeCustomer): Static<typeof Customer> {
  return {
    id: customer.id,
    email: customer.email,
    name: customer.name ?? null,
    phone: customer.phone ?? null,
    description: customer.description,
    address: customer.address ? toAddress(customer.address) : null,
    metadata: customer.metadata,
    createdAt: new Date(customer.created * 1000).toISOString(),
    livemode: customer.livemode,
  };
}

/** Stripe's names for the fields of an address. */
export function fromAddress(address: Static<typeof Address>) {
  const { postalCode, ...rest } = address;
  return { ...rest, postal_code: postalCode };
}

function toAddress(address: Record<string, string | null>): Static<typeof Address> {
  const { postal_code: postalCode, ...rest } = address;
  const given = Object.entries({ ...rest, postalCode }).filter(
    ([name, value]) => name in addressFields && typeof value === "string",
  );
  return Object.fromEntries(given);
}
