import { Type } from "typebox";
import { pluginId, timestamp } from "../../names.ts";

export const period = Type.String({
  pattern: "^(?:20[2-9]\\d|2[1-9]\\d\\d)-(?:0[1-9]|1[0-2])$",
  description: "A month in UTC, `YYYY-MM`.",
});

export const lineId = Type.String({ pattern: "^uln_[0-9a-f]{32}$" });
export const refusalId = Type.String({ pattern: "^usx_[0-9a-f]{32}$" });

export const UsageReportRequest = Type.Object({
  report: Type.String({
    minLength: 1,
    maxLength: 262_144,
    description: "Compact JWS of type `plugboard-usage+jws`, signed with the host's key.",
  }),
});

/** What became of a window; only what is `accepted` or `known` is counted. */
const outcome = Type.Union([
  Type.Literal("accepted"),
  Type.Literal("known"),
  Type.Literal("units-differ"),
  Type.Literal("units-absurd"),
  Type.Literal("window-open"),
  Type.Literal("window-malformed"),
  Type.Literal("period-closed"),
  Type.Literal("install-unknown"),
  Type.Literal("not-installed"),
  Type.Literal("meter-unknown"),
]);

export const UsageReportResult = Type.Object({
  results: Type.Array(
    Type.Object({
      installId: Type.String(),
      meter: Type.String(),
      window: Type.String(),
      outcome,
    }),
    { description: "One for each window, in the order of the report." },
  ),
});

const usage = {
  plugin: pluginId,
  meter: Type.String(),
  terms: Type.String({ description: "The digest of the prices that stood." }),
  units: Type.Integer({ description: "Those that are owed for." }),
  freeUnits: Type.Integer({ description: "Those of a trial, or from before anything was agreed to." }),
  amount: Type.String({
    pattern: "^\\d+$",
    description: "Minor units. Text, since it may be more than JSON numbers hold.",
  }),
  currency: Type.Union([Type.String(), Type.Null()], { description: "ISO 4217." }),
};

const month = {
  period,
  closed: Type.Boolean({ description: "Whether nothing is added to it any more." }),
};

export const TenantUsage = Type.Object({ ...month, items: Type.Array(Type.Object(usage)) });

export const PublisherUsage = Type.Object({
  ...month,
  items: Type.Array(
    Type.Object({
      tenant: Type.String({
        description: "The same for the same tenant of this publisher; it tells nothing of who that is.",
      }),
      ...usage,
    }),
  ),
});

export const UsageLine = Type.Object({
  id: Type.String(),
  period,
  tenantId: Type.String(),
  ...usage,
  invoicedAt: Type.Union([timestamp, Type.Null()], { description: "When the provider took it." }),
});

export const UsageRefusal = Type.Object({
  id: Type.String(),
  hostId: Type.String(),
  installId: Type.String(),
  meter: Type.String(),
  window: timestamp,
  units: Type.Integer(),
  reason: outcome,
  reportId: Type.String(),
  at: timestamp,
});

export const ClosedPeriod = Type.Object({ period, closed: Type.Literal(true) });
