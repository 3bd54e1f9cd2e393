import type { Pricing } from "@plugboard/plugin-sdk/manifest";
import type { ColumnType } from "kysely";

/** The tables of prices in schema `registry`. Amounts are whole minor units. */
export interface PricingTables {
  purchases: PurchasesTable;
  entitlements: EntitlementsTable;
  entitlement_history: EntitlementHistoryTable;
}

export type PurchaseStatus = "open" | "paid" | "canceled" | "refunded";
export type EntitlementState = "active" | "ended";
export type EntitlementSource = "trial" | "purchase" | "grant";
type Json<T> = ColumnType<T, string, string>;

interface PurchasesTable {
  id: string;
  tenant_id: string;
  plugin: string;
  terms: string;
  pricing: Json<Pricing>;
  amount: number | null;
  currency: string | null;
  status: PurchaseStatus;
  provider: string;
  provider_reference: string | null;
  url: string | null;
  instructions: string | null;
  created_at: Date;
  settled_at: Date | null;
  note: string | null;
  paid_from: Date | null;
  paid_until: Date | null;
}

interface EntitlementsTable {
  id: string;
  tenant_id: string;
  plugin: string;
  revision: number;
  state: EntitlementState;
  source: EntitlementSource;
  terms: string;
  pricing: Json<Pricing>;
  expires_at: Date | null;
  trial_used: boolean;
  updated_at: Date;
}

interface EntitlementHistoryTable {
  entitlement_id: string;
  revision: number;
  state: EntitlementState;
  source: EntitlementSource;
  expires_at: Date | null;
  reason: string;
  at: Date;
  /** Null in rows from before they were kept. */
  terms: string | null;
  pricing: ColumnType<Pricing | null, string, never>;
}
