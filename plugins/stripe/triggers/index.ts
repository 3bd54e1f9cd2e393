import { charge, customer, invoice, subscription } from "../resources/index.ts";
import { eventHappened } from "./event-happened.ts";
import { newRecords } from "./new-records.ts";
import { webhookTriggers } from "./webhooks.ts";

export const triggers = {
  "new-customer": newRecords(customer),
  "new-charge": newRecords(charge),
  "new-invoice": newRecords(invoice),
  "new-subscription": newRecords(subscription),
  "event-happened": eventHappened,
  ...webhookTriggers,
};
