import type { Pricing } from "@plugboard/plugin-sdk/manifest";
import { Type } from "typebox";
import { pluginId, timestamp } from "../names.ts";

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Its own schema is the manifest's, which every package was held against before it was published. */
const pricing = Type.Unsafe<Pricing>({ type: "object", description: "`pricing` of plugin.json." });

const terms = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description:
    "SHA-256 over the canonical JSON (RFC 8785) of `{ id, pricing }`, lowercase hex: the yes to these prices.",
});

export const purchaseId = Type.String({ pattern: "^pur_[0-9a-f]{32}$" });

export const PurchaseRequest = Type.Object({
  plugin: pluginId,
  terms: Type.Optional(terms),
});

export const purchaseStatus = Type.Union([
  Type.Literal("open"),
  Type.Literal("paid"),
  Type.Literal("canceled"),
  Type.Literal("refunded"),
]);

export const Purchase = Type.Object({
  id: purchaseId,
  tenantId: Type.String(),
  plugin: pluginId,
  terms,
  pricing,
  amount: nullable(
    Type.Integer({ description: "Minor units; null where the operator agrees on a price with the tenant." }),
  ),
  currency: nullable(Type.String({ description: "ISO 4217." })),
  status: purchaseStatus,
  url: nullable(Type.String({ description: "Where to pay." })),
  instructions: nullable(Type.String({ description: "How to pay." })),
  createdAt: timestamp,
  settledAt: nullable(timestamp),
  note: nullable(Type.String()),
});

const entitlementState = Type.Union([Type.Literal("active"), Type.Literal("ended")]);
const source = Type.Union([Type.Literal("trial"), Type.Literal("purchase"), Type.Literal("grant")]);

export const Entitlement = Type.Object({
  id: Type.String(),
  plugin: pluginId,
  revision: Type.Integer({ description: "Counts every change." }),
  state: entitlementState,
  source,
  terms,
  pricing,
  expiresAt: nullable(timestamp),
  updatedAt: timestamp,
  statement: Type.String({
    description: "Compact JWS of type `plugboard-entitlement+jws`, for the host to keep.",
  }),
  history: Type.Array(
    Type.Object({
      revision: Type.Integer(),
      state: entitlementState,
      source,
      expiresAt: nullable(timestamp),
      reason: Type.String(),
      at: timestamp,
    }),
    { description: "Oldest first." },
  ),
});

const note = Type.String({ minLength: 1, maxLength: 1000, description: "For the books; it is kept." });

export const NoteRequest = Type.Object({ note });

export const GrantRequest = Type.Object({
  expiresAt: nullable(timestamp),
  reason: note,
});
