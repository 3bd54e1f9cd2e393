import type { JWK } from "jose";
import type { Static } from "typebox";
import { Host } from "../hosts/schemas.ts";
import * as schemas from "../pricing/schemas.ts";
import * as usage from "../pricing/usage/schemas.ts";
import type { Ask } from "./ask.ts";
import { pageOf } from "./page.ts";
import { at, toQuery } from "./paths.ts";

export type Purchase = Static<typeof schemas.Purchase>;
export type RegistryEntitlement = Static<typeof schemas.Entitlement>;

export interface PurchaseWish {
  plugin: string;
  /** The yes to exactly these prices. */
  terms?: string;
}

export interface PricingClient {
  beginPurchase(tenantId: string, wish: PurchaseWish): Promise<Purchase>;
  listPurchases(
    tenantId: string,
    query?: { limit?: number; cursor?: string },
  ): Promise<{ items: Purchase[]; nextCursor: string | null }>;
  /** Whether it was paid by now. */
  checkPurchase(tenantId: string, id: string): Promise<Purchase>;
  cancelPurchase(tenantId: string, id: string): Promise<Purchase>;
  startTrial(tenantId: string, wish: PurchaseWish): Promise<RegistryEntitlement>;
  /** @param plugin `publisher/name` */
  getEntitlement(tenantId: string, plugin: string): Promise<RegistryEntitlement>;
  /** @param shown.claim compact JWS of type host-key by the key itself. @param shown.vouch the same by the key before */
  announceHost(shown: { key: JWK; claim: string; vouch?: string }): Promise<{ hostId: string }>;
  /** @param report compact JWS of type usage. @returns what became of each window, in its order */
  reportUsage(report: string): Promise<UsageResult[]>;
  /** @param period `YYYY-MM` */
  getUsage(tenantId: string, period: string): Promise<TenantUsage>;
}

export type UsageResult = Static<typeof usage.UsageReportResult>["results"][number];
export type TenantUsage = Static<typeof usage.TenantUsage>;

export function createPricingClient(ask: Ask): PricingClient {
  const asHost = true;
  return {
    async beginPurchase(tenantId, json) {
      const path = at`/tenants/${tenantId}/purchases`;
      return ask(schemas.Purchase, { method: "POST", path, json, asHost });
    },
    async listPurchases(tenantId, query = {}) {
      const path = at`/tenants/${tenantId}/purchases` + toQuery(query);
      return ask(pageOf(schemas.Purchase), { method: "GET", path, asHost });
    },
    async checkPurchase(tenantId, id) {
      const path = at`/tenants/${tenantId}/purchases/${id}/check`;
      return ask(schemas.Purchase, { method: "POST", path, asHost });
    },
    async cancelPurchase(tenantId, id) {
      const path = at`/tenants/${tenantId}/purchases/${id}`;
      return ask(schemas.Purchase, { method: "DELETE", path, asHost });
    },
    async startTrial(tenantId, json) {
      return ask(schemas.Entitlement, {
        method: "POST",
        path: at`/tenants/${tenantId}/trials`,
        json,
        asHost,
      });
    },
    async getEntitlement(tenantId, plugin) {
      const [publisher = "", ...name] = plugin.split("/");
      const path = at`/tenants/${tenantId}/entitlements/${publisher}/${name.join("/")}`;
      return ask(schemas.Entitlement, { method: "GET", path, asHost });
    },
    async announceHost(json) {
      return ask(Host, { method: "POST", path: "/hosts", json, asHost });
    },
    async reportUsage(report) {
      const path = "/usage/reports";
      return (await ask(usage.UsageReportResult, { method: "POST", path, json: { report }, asHost })).results;
    },
    async getUsage(tenantId, period) {
      const path = at`/tenants/${tenantId}/usage` + toQuery({ period });
      return ask(usage.TenantUsage, { method: "GET", path, asHost });
    },
  };
}
