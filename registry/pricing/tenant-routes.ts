import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import type { Catalog } from "../catalog/index.ts";
import { pluginName, publisherName, tenantId } from "../names.ts";
import type { Entitlements } from "./entitlements/index.ts";
import type { Purchases } from "./purchases/index.ts";
import * as schemas from "./schemas.ts";
import { requireTerms, termsOf } from "./terms.ts";

const ofTenant = Type.Object({ tenantId });
const ofPurchase = Type.Object({ tenantId, id: schemas.purchaseId });
const ofPlugin = Type.Object({ tenantId, publisher: publisherName, name: pluginName });
const purchasesPath = "/registry/v1/tenants/:tenantId/purchases";
const choosing = ["plugin-not-found", "no-matching-version"];

/** For hosts, in the name of their tenants. */
export function tenantRoutes({
  catalog,
  purchases,
  entitlements,
}: {
  catalog: Catalog;
  purchases: Purchases;
  entitlements: Entitlements;
}): Route[] {
  /**
   * What is agreed to holds for the plugin, whichever version runs: its prices are those of the latest one. A buyer who
   * chose the version would choose the cheapest that there ever was.
   */
  async function offerOf(tenantId: string, plugin: string) {
    return termsOf(await catalog.latest({ tenantId }, plugin));
  }

  return [
    route({
      method: "POST",
      path: purchasesPath,
      operationId: "beginPurchase",
      summary: "Buy a plugin at the prices that `terms` names",
      description:
        "Without the right `terms` it is refused with the prices there are. Nothing is paid here: the answer says where or how.",
      tags: ["pricing"],
      access: "host",
      params: ofTenant,
      body: schemas.PurchaseRequest,
      responses: { 201: { description: "The purchase.", schema: schemas.Purchase } },
      errors: [...choosing, "nothing-to-buy", "purchase-open", "terms-required"],
      async handler({ params, body }) {
        const offer = await offerOf(params.tenantId, body.plugin);
        return { status: 201, body: await purchases.begin(params.tenantId, offer, body.terms) };
      },
    }),
    route({
      method: "GET",
      path: purchasesPath,
      operationId: "listPurchases",
      summary: "What a tenant has bought, or is buying",
      tags: ["pricing"],
      access: "host",
      params: ofTenant,
      query: Type.Object(pageQuery),
      responses: { 200: { description: "A page, oldest first.", schema: page(schemas.Purchase) } },
      errors: [],
      async handler({ params, query }) {
        const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, schemas.purchaseId);
        const found = await purchases.list({ tenantId: params.tenantId, limit: query.limit + 1, after });
        const items = found.slice(0, query.limit);
        const last = found.length > query.limit ? items.at(-1) : undefined;
        return { status: 200, body: { items, nextCursor: last ? encodeCursor(last.id) : null } };
      },
    }),
    route({
      method: "POST",
      path: `${purchasesPath}/:id/check`,
      operationId: "checkPurchase",
      summary: "Ask whoever takes the money whether it was paid by now",
      tags: ["pricing"],
      access: "host",
      params: ofPurchase,
      responses: { 200: { description: "The purchase.", schema: schemas.Purchase } },
      errors: ["purchase-not-found", "purchase-settled"],
      async handler({ params }) {
        return { status: 200, body: await purchases.check(params.tenantId, params.id) };
      },
    }),
    route({
      method: "DELETE",
      path: `${purchasesPath}/:id`,
      operationId: "cancelPurchase",
      summary: "Cancel a purchase that is not paid",
      tags: ["pricing"],
      access: "host",
      params: ofPurchase,
      responses: { 200: { description: "The purchase.", schema: schemas.Purchase } },
      errors: ["purchase-not-found", "purchase-settled"],
      async handler({ params }) {
        const canceled = await purchases.cancel(params.id, "The tenant canceled it.", params.tenantId);
        return { status: 200, body: canceled };
      },
    }),
    route({
      method: "POST",
      path: "/registry/v1/tenants/:tenantId/trials",
      operationId: "startTrial",
      summary: "Try a plugin for nothing, once",
      tags: ["pricing"],
      access: "host",
      params: ofTenant,
      body: schemas.PurchaseRequest,
      responses: { 201: { description: "The entitlement.", schema: schemas.Entitlement } },
      errors: [...choosing, "terms-required", "trial-unavailable"],
      async handler({ params, body }) {
        const offer = await offerOf(params.tenantId, body.plugin);
        requireTerms(offer, body.terms);
        await entitlements.startTrial(params.tenantId, offer);
        return { status: 201, body: await entitlements.get({ ...params, plugin: offer.plugin }) };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/tenants/:tenantId/entitlements/:publisher/:name",
      operationId: "getEntitlement",
      summary: "Whether a tenant may run what costs something, and until when; signed",
      tags: ["pricing"],
      access: "host",
      params: ofPlugin,
      responses: { 200: { description: "The entitlement.", schema: schemas.Entitlement } },
      errors: ["entitlement-not-found"],
      async handler({ params }) {
        const plugin = `${params.publisher}/${params.name}`;
        return { status: 200, body: await entitlements.get({ tenantId: params.tenantId, plugin }) };
      },
    }),
  ];
}
