export { manualProvider } from "./manual-provider.ts";
export type { BillingOrder, BillingProvider } from "./provider.ts";
