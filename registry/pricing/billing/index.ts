export { manualProvider } from "./manual-provider.ts";
export type { BillingEvent, BillingOrder, BillingProvider, UsageLine } from "./provider.ts";
export { billingWebhookRoute } from "./webhook-route.ts";
