import type { Static } from "typebox";
import * as schemas from "../pricing/schemas.ts";
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
}

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
  };
}
