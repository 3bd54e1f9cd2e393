import { action, PluginError, Type } from "@plugboard/plugin-sdk";
import { getFromStripe } from "../api/request.ts";
import { Customer, type StripeCustomer, toCustomer } from "../customer.ts";

export const getCustomer = action({
  title: "Get a customer",
  description: "Reads one customer by its id. A deleted customer is not found.",
  input: Type.Object({
    id: Type.String({ minLength: 1, maxLength: 255, description: "As Stripe gives it: cus_…" }),
  }),
  output: Customer,
  async run({ input, fetch }) {
    const customer = await getFromStripe<StripeCustomer>(
      { fetch },
      `/customers/${encodeURIComponent(input.id)}`,
    );
    if (customer.deleted) throw new PluginError("not-found", `Customer '${input.id}' was deleted in Stripe`);
    return toCustomer(customer);
  },
});
