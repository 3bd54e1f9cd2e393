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

/** What of a customer can be written. */
export const customerFields = {
  email: Type.Optional(Type.String({ format: "email", maxLength: 512 })),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  phone: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
  description: Type.Optional(Type.String({ minLength: 1, maxLength: 5000 })),
  address: Type.Optional(Address),
  metadata: Type.Optional(Type.Record(Type.String({ maxLength: 500 }), { maxProperties: 50 })),
};

export const CustomerInput = Type.Object(customerFields);

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

/** Fields of a customer as parameters of Stripe's. */
export function toParams({ address, ...fields }: Partial<Static<typeof CustomerInput>>) {
  return { ...fields, address: address && fromAddress(address) };
}

/** Stripe's names for the fields of an address. */
function fromAddress(address: Static<typeof Address>) {
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
