import type { RegistryClient } from "@plugboard/registry/client";
import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../access/index.ts";
import { asCoreError } from "../registry-problems.ts";
import type { SpendCaps } from "./caps.ts";

const tags = ["usage"];
const caps = "/api/v1/marketplace/spend-caps";
const name = Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" });
const amount = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Minor units of the plugin's currency, for a calendar month in UTC.",
});

const usage = Type.Object(
  {
    period: Type.String(),
    closed: Type.Boolean({ description: "Whether nothing is added to it any more." }),
    items: Type.Array(
      Type.Object({
        plugin: Type.String(),
        meter: Type.String(),
        terms: Type.String({ description: "The digest of the prices that stood." }),
        units: Type.Integer({ description: "Those that are owed for." }),
        freeUnits: Type.Integer({ description: "Those of a trial, or from before the purchase." }),
        amount: Type.String({ description: "Minor units, as decimal digits." }),
        currency: Type.Union([Type.String(), Type.Null()], { description: "ISO 4217." }),
      }),
    ),
  },
  { title: "Usage" },
);
const cap = Type.Object({ plugin: Type.String(), amount }, { title: "SpendCap" });

/** What a tenant has used, and how much of it it wants. */
export function createUsageRoutes({
  registry,
  spendCaps,
}: {
  registry: Pick<RegistryClient, "getUsage">;
  spendCaps: Omit<SpendCaps, "get">;
}): Route[] {
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/marketplace/usage",
      operationId: "getUsage",
      summary: "What you have used in a month of plugins that are priced by usage, and owe for it",
      description: "As the registry has it: an hour is there some ten minutes after it is over.",
      tags,
      access: { scope: "purchases:read" },
      query: Type.Object({
        period: Type.String({
          pattern: "^(?:20[2-9]\\d|2[1-9]\\d\\d)-(?:0[1-9]|1[0-2])$",
          description: "`YYYY-MM`, UTC.",
        }),
      }),
      responses: { 200: { description: "By plugin and meter.", schema: usage } },
      errors: ["registry-unavailable", "registry-refused"],
      async handler({ identity, query }) {
        const found = await registry.getUsage(identity.tenantId, query.period).catch((error) => {
          throw asCoreError(error);
        });
        return { status: 200, body: found };
      },
    }),
    tenantRoute({
      method: "GET",
      path: caps,
      operationId: "listSpendCaps",
      summary: "How much you want to owe for plugins in a month at most",
      tags,
      access: { scope: "purchases:read" },
      responses: { 200: { description: "All of them.", schema: Type.Object({ items: Type.Array(cap) }) } },
      errors: [],
      async handler({ identity }) {
        return { status: 200, body: { items: await spendCaps.list(identity.tenantId) } };
      },
    }),
    tenantRoute({
      method: "PUT",
      path: `${caps}/:publisher/:name`,
      operationId: "setSpendCap",
      summary: "Have a plugin's calls refused before they cost more than this in a month",
      tags,
      access: { scope: "purchases:write" },
      params: Type.Object({ publisher: name, name }),
      body: Type.Object({ amount }),
      responses: { 200: { description: "It is in force.", schema: cap } },
      errors: [],
      async handler({ identity, params, body }) {
        const plugin = `${params.publisher}/${params.name}`;
        await spendCaps.set(identity.tenantId, plugin, body.amount);
        return { status: 200, body: { plugin, amount: body.amount } };
      },
    }),
    tenantRoute({
      method: "DELETE",
      path: `${caps}/:publisher/:name`,
      operationId: "removeSpendCap",
      summary: "Owe as much as is used",
      tags,
      access: { scope: "purchases:write" },
      params: Type.Object({ publisher: name, name }),
      responses: { 204: { description: "There is no cap." } },
      errors: [],
      async handler({ identity, params }) {
        await spendCaps.remove(identity.tenantId, `${params.publisher}/${params.name}`);
        return { status: 204 };
      },
    }),
  ];
}
