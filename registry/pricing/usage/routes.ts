import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../../access.ts";
import { accountRoute } from "../../accounts/index.ts";
import { admit } from "../../members/index.ts";
import { publisherName, tenantId } from "../../names.ts";
import type { RegistryDatabase } from "../../tables.ts";
import type { Closing } from "./closing.ts";
import * as queries from "./queries.ts";
import type { Outcome, Reports } from "./reports.ts";
import * as schemas from "./schemas.ts";
import { toUsage, type UsageView } from "./usage.ts";

const tags = ["usage"];
const ofPeriod = Type.Object({ period: schemas.period });
const lines = "/registry/v1/billing/usage/:period";

/** Usage, from the hosts that report it to those who owe and are owed for it. */
export function usageRoutes(o: {
  db: RegistryDatabase;
  reports: Reports;
  usage: UsageView;
  closing: Pick<Closing, "close">;
}): Route[] {
  const { db, reports, usage, closing } = o;
  return [
    route({
      method: "POST",
      path: "/registry/v1/usage/reports",
      operationId: "reportUsage",
      summary: "Say what tenants have used, signed by their host",
      description:
        "Each window is judged for itself. One that was said before with the same number is `known`; with another number it is refused and kept for the operator to look at.",
      tags,
      access: "host",
      body: schemas.UsageReportRequest,
      responses: { 200: { description: "What became of each window.", schema: schemas.UsageReportResult } },
      errors: [
        "host-key-unknown",
        "host-proof-invalid",
        "signature-invalid",
        "statement-malformed",
        "statement-wrong-type",
      ],
      async handler({ identity, body }) {
        return { status: 200, body: { results: await reports.take(identity, body.report) } };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/tenants/:tenantId/usage",
      operationId: "getTenantUsage",
      summary: "What a tenant has used in a month, and owes for it",
      tags,
      access: "host",
      params: Type.Object({ tenantId }),
      query: ofPeriod,
      responses: { 200: { description: "By plugin and meter.", schema: schemas.TenantUsage } },
      errors: [],
      async handler({ params, query }) {
        return { status: 200, body: await usage.ofTenant(params.tenantId, query.period) };
      },
    }),
    accountRoute({
      method: "GET",
      path: "/registry/v1/publishers/:publisher/usage",
      operationId: "getPublisherUsage",
      summary: "What a publisher's plugins were used in a month, by tenants without names",
      tags,
      access: "account",
      params: Type.Object({ publisher: publisherName }),
      query: ofPeriod,
      responses: { 200: { description: "By plugin, tenant and meter.", schema: schemas.PublisherUsage } },
      errors: ["forbidden", "not-a-member"],
      async handler({ params: { publisher }, identity, query }) {
        await admit(db, identity, { publisher, scope: "read" });
        return { status: 200, body: await usage.ofPublisher(publisher, query.period) };
      },
    }),
    route({
      method: "POST",
      path: `${lines}/close`,
      operationId: "closeUsagePeriod",
      summary: "Close a month, and hand what is owed for it to whoever takes the money",
      description:
        "Again, it changes nothing that was worked out; what was not taken yet is handed over again.",
      tags: ["billing"],
      access: "operator",
      params: ofPeriod,
      responses: { 200: { description: "It is closed.", schema: schemas.ClosedPeriod } },
      errors: ["usage-period-open"],
      async handler({ params }) {
        return { status: 200, body: await closing.close(params.period) };
      },
    }),
    route({
      method: "GET",
      path: lines,
      operationId: "listUsageLines",
      summary: "What is owed for a closed month",
      tags: ["billing"],
      access: "operator",
      params: ofPeriod,
      query: Type.Object(pageQuery),
      responses: { 200: { description: "A page of lines.", schema: page(schemas.UsageLine) } },
      errors: [],
      async handler({ params: { period }, query: { limit, cursor } }) {
        const after = cursor === undefined ? undefined : decodeCursor(cursor, schemas.lineId);
        const found = await queries.listLines(db, { period, limit: limit + 1, after });
        const items = found.slice(0, limit).map((row) => ({
          id: row.id,
          period: row.period,
          tenantId: row.tenant_id,
          ...toUsage(row),
          invoicedAt: row.invoiced_at?.toISOString() ?? null,
        }));
        return { status: 200, body: { items, nextCursor: nextOf(found, limit) } };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/billing/usage-refusals",
      operationId: "listUsageRefusals",
      summary: "What hosts reported and was not counted, newest first",
      tags: ["billing"],
      access: "operator",
      query: Type.Object(pageQuery),
      responses: { 200: { description: "A page.", schema: page(schemas.UsageRefusal) } },
      errors: [],
      async handler({ query: { limit, cursor } }) {
        const before = cursor === undefined ? undefined : decodeCursor(cursor, schemas.refusalId);
        const found = await queries.listRefusals(db, { limit: limit + 1, before });
        const items = found.slice(0, limit).map((row) => ({
          id: row.id,
          hostId: row.host_id,
          installId: row.install_id,
          meter: row.meter,
          window: row.starts_at.toISOString(),
          units: row.units,
          // Written by `take` alone.
          reason: row.reason as Outcome,
          reportId: row.report_id,
          at: row.at.toISOString(),
        }));
        return { status: 200, body: { items, nextCursor: nextOf(found, limit) } };
      },
    }),
  ];
}

function nextOf(found: { id: string }[], limit: number): string | null {
  const last = found.length > limit ? found[limit - 1] : undefined;
  return last ? encodeCursor(last.id) : null;
}
