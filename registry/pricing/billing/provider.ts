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

/** One line of the invoice for a month: what a tenant owes by one meter of a plugin. */
export interface UsageLine {
  /** The same however often it is said: nothing is to be charged twice. */
  lineId: string;
  /** `YYYY-MM`, UTC. */
  period: string;
  tenantId: string;
  plugin: string;
  /** The digest of the prices agreed to. */
  terms: string;
  meter: string;
  units: number;
  /** Minor units. */
  amount: bigint;
  currency: string;
}

/** What a provider sent, to the byte. */
export interface WebhookDelivery {
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** What became of a purchase, as the provider says it. */
export interface BillingEvent {
  type: "paid" | "canceled" | "refunded";
  purchaseId: string;
  /** For the books. */
  note: string;
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
  /** Takes a line of an invoice for usage. Idempotent by `lineId`. */
  reportUsage(line: UsageLine): Promise<void>;
  /**
   * Reads what the provider sent. It comes from anybody, so the provider's signature over it is verified here, before anything
   * else, and its age; the same delivery may come again.
   *
   * @throws `webhook-refused`
   */
  webhook(delivery: WebhookDelivery): Promise<BillingEvent[]>;
}
