import { definePlugin } from "@plugboard/plugin-sdk";
import { getOrder } from "./actions/get-order.ts";
import { normalize } from "./normalize.ts";
import { orderPaid } from "./triggers/order-paid.ts";

// What the plugin offers. `plugboard build` writes it, with its schemas, into the manifest.
export default definePlugin({
  actions: { "get-order": getOrder },
  triggers: { "order-paid": orderPaid },
  webhooks: { normalize },
});
