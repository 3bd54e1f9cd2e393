import { action, Type } from "@plugboard/plugin-sdk";
import { getFromStripe } from "../api/request.ts";
import { Customer, type StripeCustomer, toCustomer } from "../customer.ts";

export const listCustomers = action({
  title: "List customers",
  description: "Lists customers, newest first. Pass nextCursor back as cursor until it is null.",
  input: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    email: Type.Optional(Type.String({ format: "email", maxLength: 512, description: "Only this address" })),
  }),
  output: Type.Object(
    { items: Type.Array(Customer), nextCursor: Type.Union([Type.String(), Type.Null()]) },
    { additionalProperties: false },
  ),
  async run({ input, fetch }) {
    const page = await getFromStripe<{ data: StripeCustomer[]; has_more: boolean }>({ fetch }, "/customers", {
      limit: input.limit,
      starting_after: input.cursor,
      email: input.email,
    });
    return {
      items: page.data.map(toCustomer),
      nextCursor: page.has_more ? (page.data.at(-1)?.id ?? null) : null,
    };
  },
});
