import { trigger } from "@plugboard/plugin-sdk";
import { Customer } from "../customer.ts";

export const customerUpdated = trigger({
  title: "Customer changed",
  description: "A customer was changed in Stripe. Needs the webhook in Stripe.",
  kind: "webhook",
  events: ["customer.updated"],
  output: Customer,
});
