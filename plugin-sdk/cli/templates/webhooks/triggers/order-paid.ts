import { trigger } from "@plugboard/plugin-sdk";
import { Order } from "../api.ts";

export const orderPaid = trigger({
  title: "Order paid",
  description: "Fires when an order was paid.",
  kind: "webhook",
  events: ["order.paid"],
  output: Order,
});
