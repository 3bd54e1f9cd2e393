import { outward } from "../records/outward.ts";
import type { Field, Value } from "../schema/field.ts";
import type { Row } from "../schema/sobject.ts";
import { type Aggregate, isAggregate, type Path, type Selected } from "./ast.ts";
import { type Binding, type Bound, compare, matcher } from "./matches.ts";
import { refuseQuery } from "./refuse.ts";
import { resolve, valueAt } from "./resolve.ts";
import { inOrder, rowBinding } from "./rows.ts";
import type { Scope } from "./scope.ts";

/** What a query with GROUP BY, or with aggregates alone, tells. */
export interface AggregateResult {
  attributes: { type: "AggregateResult" };
  [column: string]: unknown;
}

/** @throws SalesforceError */
export function groupRows(scope: Scope, rows: readonly Row[], all: boolean): AggregateResult[] {
  const { query } = scope;
  const binding: Binding<Row[]> = {
    bind: (by) => (isAggregate(by) ? aggregate(scope, by) : grouped(scope, by)),
    among: rowBinding(scope, all).among,
  };
  const columns = query.select.map((selected, index) => column(scope, binding, selected, index));
  const matches = matcher(scope, binding, query.having);
  const orders = query.orderBy.map((order) => ({ ...order, bound: binding.bind(order.by) }));
  const groups = groupsOf(scope, rows).filter(matches);
  groups.sort((a, b) => inOrder(a, b, orders));
  return groups.map((group) => ({
    attributes: { type: "AggregateResult" },
    ...Object.fromEntries(columns.map(({ name, bound }) => [name, outward(bound.field, bound.read(group))])),
  }));
}

/** Those with the same values are one group; without GROUP BY all are one, even if there are none. */
function groupsOf(scope: Scope, rows: readonly Row[]): Row[][] {
  const { org, query } = scope;
  if (query.groupBy.length === 0) return [[...rows]];
  const places = query.groupBy.map((path) => resolve(scope, path));
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify(places.map((place) => comparable(valueAt(org, row, place)))),
  );
  return [...groups.values()];
}

function column(scope: Scope, { bind }: Binding<Row[]>, selected: Selected, index: number) {
  if (selected.kind === "aggregate")
    return { name: selected.alias ?? `expr${unnamedBefore(scope, index)}`, bound: bind(selected.of) };
  if (selected.kind === "path") {
    const bound = bind(selected.path);
    return { name: selected.alias ?? bound.field.name, bound };
  }
  throw refuseQuery(
    "MALFORMED_QUERY",
    scope.query.soql,
    scope.query.from.at,
    "Only fields and aggregates can be grouped",
  );
}

/** Aggregates without a name of their own are numbered. */
const unnamedBefore = ({ query }: Scope, index: number): number =>
  query.select.slice(0, index).filter((one) => one.kind === "aggregate" && one.alias === undefined).length;

function grouped(scope: Scope, path: Path): Bound<Row[]> {
  const place = resolve(scope, path);
  const isGrouped = scope.query.groupBy.some((one) => {
    const other = resolve(scope, one);
    return (
      other.field === place.field &&
      other.steps.map(({ by }) => by.name).join() === place.steps.map(({ by }) => by.name).join()
    );
  });
  if (!isGrouped)
    throw refuseQuery(
      "MALFORMED_QUERY",
      scope.query.soql,
      path.at,
      `Field must be grouped or aggregated: ${path.names.join(".")}`,
    );
  return {
    field: place.field,
    read: ([first]) => (first ? valueAt(scope.org, first, place) : null),
  };
}

function aggregate(scope: Scope, { name, path }: Aggregate): Bound<Row[]> {
  const place = resolve(scope, path);
  const { type } = place.field;
  const isNumber = ["int", "double", "currency", "percent"].includes(type);
  if ((name === "SUM" || name === "AVG") && !isNumber)
    throw refuseQuery(
      "MALFORMED_QUERY",
      scope.query.soql,
      path.at,
      `field ${place.field.name} does not support aggregate operator ${name}`,
    );
  const read = (rows: Row[]): Value => {
    const values = rows.map((row) => valueAt(scope.org, row, place)).filter((value) => value !== null);
    if (name === "COUNT") return values.length;
    if (name === "COUNT_DISTINCT") return new Set(values.map(comparable)).size;
    if (values.length === 0) return null;
    const sum = values.reduce<number>((total, value) => total + Number(value), 0);
    if (name === "SUM") return sum;
    if (name === "AVG") return sum / values.length;
    const [first = null, ...rest] = values;
    return rest.reduce(
      (best, value) => (compare(value, best) < 0 === (name === "MIN") ? value : best),
      first,
    );
  };
  const counted: Field["type"] = name.startsWith("COUNT") ? "int" : type;
  return { field: { name: place.field.name, type: counted }, read };
}

const comparable = (value: Value): Value => (typeof value === "string" ? value.toLowerCase() : value);
