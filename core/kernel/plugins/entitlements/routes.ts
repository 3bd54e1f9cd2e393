import type { RegistryClient } from "@plugboard/registry/client";
import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../access/index.ts";
import { asCoreError } from "../registry-problems.ts";
import type { Entitlements } from "./entitlements.ts";

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const timestamp = Type.String({ format: "date-time" });
const pricing = Type.Record(Type.String(), Type.Unknown(), { description: "`pricing` of plugin.json." });

const wish = Type.Object({
  plugin: Type.String({ minLength: 3, maxLength: 128, description: "`publisher/name`" }),
  terms: Type.Optional(
    Type.String({
      pattern: "^[0-9a-f]{64}$",
      description: "The `terms` of the 409 answer: the yes to exactly these prices.",
    }),
  ),
});

const purchase = Type.Object(
  {
    id: Type.String(),
    plugin: Type.String(),
    terms: Type.String(),
    pricing,
    amount: nullable(
      Type.Integer({ description: "Minor units; null: the registry's operator names a price." }),
    ),
    currency: nullable(Type.String({ description: "ISO 4217." })),
    status: Type.String({ description: "`open`, `paid`, `canceled` or `refunded`." }),
    url: nullable(Type.String({ description: "Where to pay." })),
    instructions: nullable(Type.String({ description: "How to pay." })),
    createdAt: timestamp,
    settledAt: nullable(timestamp),
  },
  { title: "Purchase" },
);

const entitlement = Type.Object(
  {
    plugin: Type.String(),
    status: Type.String({
      description:
        "`active`; `expiring`: ends within three days; `grace`: has ended and runs on for a while; `ended`: is not run.",
    }),
    expiresAt: nullable(timestamp),
    graceUntil: nullable(timestamp),
  },
  { title: "Entitlement" },
);

const id = Type.String({ minLength: 1, maxLength: 64 });
const away = ["registry-unavailable", "registry-refused"];
const purchases = "/api/v1/marketplace/purchases";

/** Buying what costs something, and what a tenant has bought. */
export function createEntitlementRoutes(kernel: {
  registry: Pick<
    RegistryClient,
    "beginPurchase" | "listPurchases" | "checkPurchase" | "cancelPurchase" | "startTrial"
  >;
  entitlements: Entitlements;
}): Route[] {
  const { registry, entitlements } = kernel;

  return [
    tenantRoute({
      method: "POST",
      path: purchases,
      operationId: "beginPurchase",
      summary: "Buy a plugin at the prices that `terms` names",
      description:
        "Without the right `terms` it is refused with the prices there are. The answer says where or how to pay.",
      tags: ["purchases"],
      access: { scope: "purchases:write" },
      body: wish,
      responses: { 201: { description: "The purchase.", schema: purchase } },
      errors: [
        "no-matching-version",
        "nothing-to-buy",
        "plugin-not-found",
        "purchase-open",
        "terms-required",
        ...away,
      ],
      async handler({ identity, body }) {
        const begun = await passOn(registry.beginPurchase(identity.tenantId, body), body.plugin);
        return { status: 201, body: toPurchase(begun) };
      },
    }),

    tenantRoute({
      method: "GET",
      path: purchases,
      operationId: "listPurchases",
      summary: "What you have bought, or are buying",
      tags: ["purchases"],
      access: { scope: "purchases:read" },
      query: Type.Object(pageQuery),
      responses: { 200: { description: "One page, oldest first.", schema: page(purchase) } },
      errors: away,
      async handler({ identity, query }) {
        const { items, nextCursor } = await passOn(registry.listPurchases(identity.tenantId, query));
        return { status: 200, body: { items: items.map(toPurchase), nextCursor } };
      },
    }),

    tenantRoute({
      method: "POST",
      path: `${purchases}/:id/check`,
      operationId: "checkPurchase",
      summary: "Ask whether a purchase was paid by now",
      tags: ["purchases"],
      access: { scope: "purchases:write" },
      params: Type.Object({ id }),
      responses: { 200: { description: "The purchase.", schema: purchase } },
      errors: ["purchase-not-found", "purchase-settled", "release-not-trusted", ...away],
      async handler({ identity: { tenantId }, params }) {
        const checked = await passOn(registry.checkPurchase(tenantId, params.id));
        if (checked.status !== "open") await refreshKnown(tenantId, checked.plugin);
        return { status: 200, body: toPurchase(checked) };
      },
    }),

    tenantRoute({
      method: "DELETE",
      path: `${purchases}/:id`,
      operationId: "cancelPurchase",
      summary: "Cancel a purchase that is not paid",
      tags: ["purchases"],
      access: { scope: "purchases:write" },
      params: Type.Object({ id }),
      responses: { 200: { description: "The purchase.", schema: purchase } },
      errors: ["purchase-not-found", "purchase-settled", ...away],
      async handler({ identity, params }) {
        const canceled = await passOn(registry.cancelPurchase(identity.tenantId, params.id));
        return { status: 200, body: toPurchase(canceled) };
      },
    }),

    tenantRoute({
      method: "POST",
      path: "/api/v1/marketplace/trials",
      operationId: "startTrial",
      summary: "Try a plugin for nothing, once",
      tags: ["purchases"],
      access: { scope: "purchases:write" },
      body: wish,
      responses: {
        201: { description: "What you may run.", schema: Type.Object({ items: Type.Array(entitlement) }) },
      },
      errors: [
        "no-matching-version",
        "plugin-not-found",
        "release-not-trusted",
        "terms-required",
        "trial-unavailable",
        ...away,
      ],
      async handler({ identity: { tenantId }, body }) {
        await passOn(registry.startTrial(tenantId, body), body.plugin);
        await entitlements.refresh({ tenantId, plugin: body.plugin });
        return { status: 201, body: { items: await entitlements.list(tenantId) } };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/marketplace/entitlements",
      operationId: "listEntitlements",
      summary: "What you may run that costs something, as this host knows it",
      tags: ["purchases"],
      access: { scope: "purchases:read" },
      responses: {
        200: { description: "All of them.", schema: Type.Object({ items: Type.Array(entitlement) }) },
      },
      errors: ["release-not-trusted", "registry-unavailable"],
      async handler({ identity }) {
        return { status: 200, body: { items: await entitlements.list(identity.tenantId) } };
      },
    }),
  ];

  /** A purchase that was canceled has led to no entitlement. */
  async function refreshKnown(tenantId: string, plugin: string): Promise<void> {
    await entitlements.refresh({ tenantId, plugin }).catch((error) => {
      if (error?.code !== "entitlement-not-found") throw error;
    });
  }
}

function passOn<Answer>(answer: Promise<Answer>, plugin?: string): Promise<Answer> {
  return answer.catch((error) => {
    throw asCoreError(error, plugin);
  });
}

function toPurchase(given: Awaited<ReturnType<RegistryClient["beginPurchase"]>>) {
  const { tenantId: _, note: __, pricing, ...shown } = given;
  return { ...shown, pricing: { ...pricing } };
}
