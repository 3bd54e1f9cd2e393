import { action, Type } from "@plugboard/plugin-sdk";
import { postToStripe } from "../api/request.ts";
import { Customer, customerFields, type StripeCustomer, toCustomer, toParams } from "../customer.ts";

export const createCustomer = action({
  title: "Create a customer",
  description: "Creates a customer in Stripe. Give an idempotency key to make repeating the call safe.",
  input: Type.Object({
    ...customerFields,
    idempotencyKey: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  }),
  output: Customer,
  async run({ input, fetch }) {
    const { idempotencyKey = crypto.randomUUID(), ...fields } = input;
    const created = await postToStripe<StripeCustomer>(
      { fetch },
      "/customers",
      toParams(fields),
      idempotencyKey,
    );
    return toCustomer(created);
  },
});
