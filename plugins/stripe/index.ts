import { definePlugin } from "@plugboard/plugin-sdk";
import { createCustomer } from "./actions/create-customer.ts";
import { getCustomer } from "./actions/get-customer.ts";
import { listCustomers } from "./actions/list-customers.ts";

export default definePlugin({
  actions: {
    "create-customer": createCustomer,
    "get-customer": getCustomer,
    "list-customers": listCustomers,
  },
});
