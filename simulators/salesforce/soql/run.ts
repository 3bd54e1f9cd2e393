import { SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";
import type { SObject } from "../schema/sobject.ts";
import type { Query } from "./ast.ts";
import { type AggregateResult, groupRows } from "./groups.ts";
import { parseSoql } from "./parse.ts";
import { columnsOf, type Found, tellAll, type View } from "./project.ts";
import { findRows } from "./rows.ts";
import { scopeOf } from "./scope.ts";

export interface QueryResult {
  object: SObject;
  /** What was asked for, as columns of a table. */
  columns: string[];
  /** `simple` has a row for each record; `nested` records within records; `grouped` no records at all. */
  kind: "simple" | "nested" | "grouped" | "count";
  totalSize: number;
  records: (Found | AggregateResult)[];
}

const mostOffset = 2_000;

/** @throws SalesforceError */
export function runSoql(org: Org, soql: string, view: View): QueryResult {
  const query = parseSoql(soql);
  const scope = scopeOf(org, query);
  const { object } = scope;
  const kind = kindOf(query);
  const columns = kind === "grouped" ? [] : columnsOf(scope, view);
  if (query.offset > mostOffset)
    throw new SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000");
  const end = query.limit === undefined ? undefined : query.offset + query.limit;
  const cut = <Item>(items: Item[]) => items.slice(query.offset, end);
  if (kind === "grouped") {
    const rows = findRows({ ...scope, query: { ...query, orderBy: [] } }, view);
    const records = cut(groupRows(scope, rows, view.all));
    return { object, columns: [], kind, totalSize: records.length, records };
  }
  const rows = cut(findRows(scope, view));
  return {
    object,
    columns: columns.map(({ name }) => name),
    kind,
    totalSize: rows.length,
    records: kind === "count" ? [] : rows.map((row) => tellAll(object, row, columns, view.base)),
  };
}

function kindOf({ select, groupBy }: Query): QueryResult["kind"] {
  const has = (kind: string) => select.some((one) => one.kind === kind);
  if (groupBy.length > 0 || has("aggregate")) return "grouped";
  if (has("count")) return "count";
  return has("children") ? "nested" : "simple";
}
