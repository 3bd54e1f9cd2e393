import { definePlugin } from "@plugboard/plugin-sdk";
import { createCustomer } from "./actions/create-customer.ts";
import { getCustomer } from "./actions/get-customer.ts";
import { listCustomers } from "./actions/list-customers.ts";
import { customer } from "./entities/customer.ts";
import { customerUpdated } from "./triggers/customer-updated.ts";
import { newCustomer } from "./triggers/new-customer.ts";
import { normalize } from "./webhooks/normalize.ts";

export default definePlugin({
  actions: {
    "create-customer": createCustomer,
    "get-customer": getCustomer,
    "list-customers": listCustomers,
  },
  entities: { customer },
  triggers: { "new-customer": newCustomer, "customer-updated": customerUpdated },
  webhooks: { normalize },
});
