import type { Org } from "../orgs.ts";
import type { Value } from "../schema/field.ts";
import type { Row } from "../schema/sobject.ts";
import { type Aggregate, isAggregate, type Order, type Path, type Query } from "./ast.ts";
import { type Binding, compare, matcher } from "./matches.ts";
import { refuseQuery } from "./refuse.ts";
import { resolve, valueAt } from "./resolve.ts";
import { type Scope, scopeOf } from "./scope.ts";

/** The records that a query finds, in its order. @param all also what is deleted @throws SalesforceError */
export function findRows(scope: Scope, { all, among }: { all: boolean; among?: Row[] }): Row[] {
  const { org, object, query } = scope;
  const binding = rowBinding(scope, all);
  const matches = matcher(scope, binding, query.where);
  const orders = query.orderBy.map((order) => ({ ...order, bound: binding.bind(order.by) }));
  const rows = (among ?? [...org.table(object).values()]).filter(
    (row) => (all || !row.IsDeleted) && matches(row),
  );
  if (orders.length > 0) rows.sort((a, b) => inOrder(a, b, orders));
  return rows;
}

/** How records are compared. */
export function rowBinding(scope: Scope, all: boolean): Binding<Row> {
  return {
    bind(by: Path | Aggregate) {
      if (isAggregate(by))
        throw refuseQuery(
          "MALFORMED_QUERY",
          scope.query.soql,
          by.path.at,
          "Aggregate functions belong in HAVING",
        );
      const place = resolve(scope, by);
      return { field: place.field, read: (row) => valueAt(scope.org, row, place) };
    },
    among: (query) => valuesOf(scope.org, query, all),
  };
}

/** The one column of a query within a query. */
function valuesOf(org: Org, query: Query, all: boolean): ReadonlySet<Value> {
  const [first, second] = query.select;
  if (first?.kind !== "path" || second)
    throw refuseQuery(
      "MALFORMED_QUERY",
      query.soql,
      query.from.at,
      "A query within a query selects one field",
    );
  const scope = scopeOf(org, query);
  const place = resolve(scope, first.path);
  return new Set(findRows(scope, { all }).map((row) => valueAt(org, row, place)));
}

/** Which of two comes first, by what ORDER BY says. */
export function inOrder<Subject>(
  a: Subject,
  b: Subject,
  orders: readonly (Order & { bound: { field: { type: string }; read(subject: Subject): Value } })[],
): number {
  for (const { bound, descending, nullsLast } of orders) {
    const [left, right] = [bound.read(a), bound.read(b)];
    if (left === right) continue;
    if (left === null || right === null) return (left === null) === nullsLast ? 1 : -1;
    const isText = bound.field.type !== "id" && bound.field.type !== "reference";
    const written = (value: Value) => (typeof value === "string" && isText ? value.toLowerCase() : value);
    const order = compare(written(left), written(right));
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}
