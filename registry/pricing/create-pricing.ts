import type { Route } from "@plugboard/service-kit/http";
import type { Catalog } from "../catalog/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Trust } from "../trust/index.ts";
import { type BillingProvider, manualProvider } from "./billing/index.ts";
import { createEntitlements, type Entitlements } from "./entitlements/index.ts";
import { operatorRoutes } from "./operator-routes.ts";
import { createPurchases } from "./purchases/index.ts";
import { tenantRoutes } from "./tenant-routes.ts";

export interface PricingModule {
  routes: Route[];
  requireEntitlement: Entitlements["require"];
  paidBy: Entitlements["paidBy"];
}

/** What plugins cost, who has paid, and who may run them. */
export function createPricingModule(options: {
  db: RegistryDatabase;
  catalog: Catalog;
  trust: Trust;
  now: () => Date;
  provider?: BillingProvider | undefined;
}): PricingModule {
  const { db, catalog, trust, now, provider = manualProvider } = options;
  const entitlements = createEntitlements({ db, trust, now });
  const purchases = createPurchases({ db, provider, entitlements, now });
  return {
    routes: [
      ...tenantRoutes({ catalog, purchases, entitlements }),
      ...operatorRoutes({ db, catalog, purchases, entitlements }),
    ],
    requireEntitlement: entitlements.require,
    paidBy: entitlements.paidBy,
  };
}
