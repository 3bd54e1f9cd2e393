import type { Route } from "@plugboard/service-kit/http";
import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Catalog } from "../catalog/index.ts";
import type { Hosts } from "../hosts/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Trust } from "../trust/index.ts";
import { type BillingProvider, billingWebhookRoute, manualProvider } from "./billing/index.ts";
import { createEntitlements, type Entitlements } from "./entitlements/index.ts";
import { operatorRoutes } from "./operator-routes.ts";
import { createPurchases } from "./purchases/index.ts";
import { tenantRoutes } from "./tenant-routes.ts";
import { createClosing, createReports, createUsageView, usageRoutes } from "./usage/index.ts";

export interface PricingModule {
  routes: Route[];
  requireEntitlement: Entitlements["require"];
  paidBy: Entitlements["paidBy"];
  /** After the jobs have started. */
  start(): Promise<void>;
}

/** What plugins cost, who has paid, who may run them, and what was used. To be made before the jobs are started. */
export function createPricingModule(options: {
  db: RegistryDatabase;
  catalog: Catalog;
  trust: Trust;
  hosts: Hosts;
  jobs: Jobs;
  logger: Logger;
  now: () => Date;
  provider?: BillingProvider | undefined;
}): PricingModule {
  const { db, catalog, trust, hosts, jobs, logger, now, provider = manualProvider } = options;
  const entitlements = createEntitlements({ db, trust, now });
  const purchases = createPurchases({ db, provider, entitlements, now });
  const reports = createReports({ db, hosts, now });
  const closing = createClosing({ db, provider, jobs, logger, now });
  return {
    start: closing.start,
    routes: [
      ...tenantRoutes({ catalog, purchases, entitlements }),
      ...operatorRoutes({ db, catalog, purchases, entitlements }),
      ...usageRoutes({ db, reports, closing, usage: createUsageView({ db }) }),
      billingWebhookRoute({ provider, apply: purchases.apply }),
    ],
    requireEntitlement: entitlements.require,
    paidBy: entitlements.paidBy,
  };
}
