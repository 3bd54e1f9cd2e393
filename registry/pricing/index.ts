export type { BillingProvider } from "./billing/index.ts";
export { createPricingModule } from "./create-pricing.ts";
