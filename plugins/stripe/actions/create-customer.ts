import { action, Type } from "@plugboard/plugin-sdk";
import { postToStripe } from "../api/request.ts";
import { Address, Customer, fromAddress, type StripeCustomer, toCustomer } from "../customer.ts";

export const createCustomer = action({
  title: "Create a customer",
  description: "Creates a customer in Stripe. Give an idempotency key to make repeating the call safe.",
  input: Type.Object({
    email: Type.Optional(Type.String({ format: "email", maxLength: 512 })),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    phone: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
    description: Type.Optional(Type.String({ minLength: 1, maxLength: 5000 })),
    address: Type.Optional(Address),
    metadata: Type.Optional(Type.Record(Type.String({ maxLength: 500 }), { maxProperties: 50 })),
    idempotencyKey: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  }),
  output: Customer,
  async run({ input, fetch }) {
    const { idempotencyKey = crypto.randomUUID(), address, ...params } = input;
    const created = await postToStripe<StripeCustomer>(
      { fetch },
      "/customers",
      { ...params, address: address && fromAddress(address) },
      idempotencyKey,
    );
    return toCustomer(created);
  },
});
