import type { Pricing } from "@plugboard/plugin-sdk/manifest";

/** A purchase, as whoever takes the money gets to see it. The tenant is opaque here as everywhere at the registry. */
export interface BillingOrder {
  purchaseId: string;
  tenantId: string;
  plugin: string;
  pricing: Pricing;
  /** Minor units; null where the operator agrees on a price with the tenant. */
  amount: number | null;
  currency: string | null;
  /** What the provider called it when it was created. */
  reference: string | null;
}

/** What the buyer is to do. */
export interface Checkout {
  /** What the provider calls it; unique with this provider. */
  reference: string | null;
  url: string | null;
  instructions: string | null;
}

/**
 * Where the money is taken. The registry takes none: it says what is to be paid, asks whether it was, and hands out
 * entitlements. Each method may be called again after a failure, so it has to be idempotent by `purchaseId`.
 */
export interface BillingProvider {
  /** Of its purchases, for good. */
  readonly name: string;
  createCheckout(order: BillingOrder): Promise<Checkout>;
  /** Whether it was paid by now. */
  confirm(order: BillingOrder): Promise<boolean>;
  cancel(order: BillingOrder): Promise<void>;
  refund(order: BillingOrder): Promise<void>;
}
