import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import type { Catalog } from "../catalog/index.ts";
import { pluginName, publisherName, tenantId } from "../names.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Entitlements } from "./entitlements/index.ts";
import type { Purchases } from "./purchases/index.ts";
import * as schemas from "./schemas.ts";
import { termsOf } from "./terms.ts";

const ofPurchase = Type.Object({ id: schemas.purchaseId });
const ofPlugin = Type.Object({ tenantId, publisher: publisherName, name: pluginName });
const purchasesPath = "/registry/v1/billing/purchases";
const entitlement = "/registry/v1/billing/tenants/:tenantId/entitlements/:publisher/:name";

/** For the operator of the registry: what was paid, and who may run what without paying. */
export function operatorRoutes({
  db,
  catalog,
  purchases,
  entitlements,
}: {
  db: RegistryDatabase;
  catalog: Catalog;
  purchases: Purchases;
  entitlements: Entitlements;
}): Route[] {
  /** One decision about one purchase. */
  function ruling(
    verb: "confirm" | "cancel" | "refund",
    summary: string,
    rule: (id: string, note: string) => ReturnType<Purchases["confirm"]>,
  ): Route {
    return route({
      method: "POST",
      path: `${purchasesPath}/:id/${verb}`,
      operationId: `${verb}PurchaseAsOperator`,
      summary,
      tags: ["billing"],
      access: "operator",
      params: ofPurchase,
      body: schemas.NoteRequest,
      responses: { 200: { description: "The purchase.", schema: schemas.Purchase } },
      errors: ["purchase-not-found", "purchase-settled"],
      async handler({ params, body }) {
        return { status: 200, body: await rule(params.id, body.note) };
      },
    });
  }

  return [
    route({
      method: "GET",
      path: purchasesPath,
      operationId: "listAllPurchases",
      summary: "Purchases of all tenants",
      tags: ["billing"],
      access: "operator",
      query: Type.Object({ status: Type.Optional(schemas.purchaseStatus), ...pageQuery }),
      responses: { 200: { description: "A page, oldest first.", schema: page(schemas.Purchase) } },
      errors: [],
      async handler({ query }) {
        const { status, limit, cursor } = query;
        const after = cursor === undefined ? undefined : decodeCursor(cursor, schemas.purchaseId);
        const found = await purchases.list({ status, limit: limit + 1, after });
        const items = found.slice(0, limit);
        const last = found.length > limit ? items.at(-1) : undefined;
        return { status: 200, body: { items, nextCursor: last ? encodeCursor(last.id) : null } };
      },
    }),
    ruling("confirm", "Say that a purchase was paid", purchases.confirm),
    ruling("cancel", "Cancel a purchase that is not paid", (id, note) => purchases.cancel(id, note)),
    ruling("refund", "Give the money back, and end the entitlement", purchases.refund),
    route({
      method: "PUT",
      path: entitlement,
      operationId: "grantEntitlement",
      summary: "Let a tenant run a plugin, until a time or without an end",
      tags: ["billing"],
      access: "operator",
      params: ofPlugin,
      body: schemas.GrantRequest,
      responses: { 200: { description: "The entitlement.", schema: schemas.Entitlement } },
      errors: ["plugin-not-found", "no-matching-version", "version-blocked"],
      async handler({ params, body }) {
        const on = { tenantId: params.tenantId, plugin: idOf(params) };
        const terms = termsOf(await catalog.choose(on, on.plugin, "*"));
        const until = () => (body.expiresAt === null ? null : new Date(body.expiresAt));
        const yes = { source: "grant" as const, terms, until, reason: body.reason };
        await db.transaction().execute((transaction) => entitlements.grant(transaction, on, yes));
        return { status: 200, body: await entitlements.get(on) };
      },
    }),
    route({
      method: "POST",
      path: `${entitlement}/end`,
      operationId: "endEntitlement",
      summary: "End an entitlement now",
      tags: ["billing"],
      access: "operator",
      params: ofPlugin,
      body: schemas.NoteRequest,
      responses: { 200: { description: "The entitlement.", schema: schemas.Entitlement } },
      errors: ["entitlement-not-found"],
      async handler({ params, body }) {
        const on = { tenantId: params.tenantId, plugin: idOf(params) };
        await db.transaction().execute((transaction) => entitlements.end(transaction, on, body.note));
        return { status: 200, body: await entitlements.get(on) };
      },
    }),
  ];
}

function idOf(params: { publisher: string; name: string }): string {
  return `${params.publisher}/${params.name}`;
}
