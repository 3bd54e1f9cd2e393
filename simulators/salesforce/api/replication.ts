import { SalesforceError } from "../errors.ts";
import { outwardTime } from "../records/outward.ts";
import type { Row } from "../schema/sobject.ts";
import { type Call, ok, type Resource } from "./resource.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** What was changed or deleted in a span: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getupdated.htm */
export const replicationResources: Resource[] = [
  {
    method: "GET",
    path: /^\/sobjects\/(\w+)\/updated\/?$/,
    run(call, name) {
      const { rows, end } = rowsOf(call, name ?? "");
      const ids = rows.filter(({ IsDeleted }) => !IsDeleted).map(({ Id }) => Id);
      return ok({ ids, latestDateCovered: outwardTime(new Date(end).toISOString()) });
    },
  },
  {
    method: "GET",
    path: /^\/sobjects\/(\w+)\/deleted\/?$/,
    run(call, name) {
      const { rows, end } = rowsOf(call, name ?? "");
      const deletedRecords = rows
        .filter(({ IsDeleted }) => IsDeleted)
        .map(({ Id, SystemModstamp }) => ({ id: Id, deletedDate: outwardTime(SystemModstamp) }));
      const earliest = new Date(call.org.nowMs() - 15 * dayMs).toISOString();
      return ok({
        deletedRecords,
        earliestDateAvailable: outwardTime(earliest),
        latestDateCovered: outwardTime(new Date(end).toISOString()),
      });
    },
  },
];

/** Minutes count: seconds are left out of both ends. */
function rowsOf({ org, query }: Call, name: string): { rows: Row[]; end: number } {
  const object = org.object(name);
  const [start, end] = ["start", "end"].map((end) => timeOf(query.get(end), end)) as [number, number];
  if (end - start < minuteMs)
    throw new SalesforceError(
      400,
      "INVALID_REPLICATION_DATE",
      "endDate must be at least one minute greater than startDate",
    );
  if (start < org.nowMs() - 30 * dayMs)
    throw new SalesforceError(
      400,
      "INVALID_REPLICATION_DATE",
      "startDate before org replication enabled date or more than 30 days ago",
    );
  const rows = [...org.table(object).values()].filter(({ SystemModstamp }) => {
    const at = Date.parse(SystemModstamp);
    return at >= start && at < end;
  });
  return { rows, end: Math.min(end, org.nowMs()) };
}

function timeOf(text: string | null, name: string): number {
  const ms = Date.parse((text ?? "").replace(" ", "+"));
  if (!Number.isNaN(ms)) return Math.floor(ms / minuteMs) * minuteMs;
  throw new SalesforceError(400, "INVALID_FIELD", `${name}: value not of required type: ${text}`);
}
