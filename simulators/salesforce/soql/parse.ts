import type { Aggregate, AggregateName, Order, Path, Query, Selected } from "./ast.ts";
import { readExpression } from "./parse-where.ts";
import { openReader, type Reader } from "./reader.ts";
import { refuseQuery } from "./refuse.ts";

/**
 * SOQL, without TYPEOF, ROLLUP, data categories and functions of dates and places:
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
 *
 * @throws SalesforceError MALFORMED_QUERY
 */
export function parseSoql(soql: string): Query {
  const read = openReader(soql);
  const query = readQuery(read);
  read.end();
  return query;
}

export function readQuery(read: Reader): Query {
  const { at } = read.word("SELECT");
  const select = read.list(() => readSelected(read));
  read.word("FROM");
  const from = read.path();
  const alias = read.isName() && !isClause(read) ? read.name() : undefined;
  const query: Query = {
    soql: read.soql,
    select,
    from,
    alias,
    where: read.takeWord("WHERE") ? readExpression(read) : undefined,
    groupBy: read.takeWord("GROUP") ? readBy(read, () => read.path()) : [],
    having: read.takeWord("HAVING") ? readExpression(read) : undefined,
    orderBy: read.takeWord("ORDER") ? readBy(read, () => readOrder(read)) : [],
    limit: read.takeWord("LIMIT") ? read.whole() : undefined,
    offset: read.takeWord("OFFSET") ? read.whole() : 0,
  };
  // They say how records are to be locked or remembered, and change nothing that is told.
  if (read.takeWord("FOR")) read.name();
  if (select.some(({ kind }) => kind === "count") && select.length > 1)
    throw refuseQuery("MALFORMED_QUERY", read.soql, at, "unexpected token: 'COUNT'");
  return query;
}

const isClause = (read: Reader): boolean => ["OFFSET", "FOR", "USING"].some(read.isWord);

function readBy<Item>(read: Reader, item: () => Item): Item[] {
  read.word("BY");
  return read.list(item);
}

const aggregates: ReadonlySet<string> = new Set(["COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"]);

function readSelected(read: Reader): Selected {
  if (read.takeSign("(")) {
    const query = readQuery(read);
    read.sign(")");
    return { kind: "children", query };
  }
  const path = read.path();
  if (!read.takeSign("(")) return { kind: "path", path, alias: readAlias(read) };
  const name = path.names.join(".").toUpperCase();
  if (name === "COUNT" && read.takeSign(")")) return { kind: "count" };
  if (name === "FIELDS") return readFields(read);
  return { kind: "aggregate", of: readAggregate(read, path), alias: readAlias(read) };
}

const readAlias = (read: Reader): string | undefined => (read.isName() ? read.name() : undefined);

function readFields(read: Reader): Selected {
  const group = read.name().toUpperCase();
  read.sign(")");
  if (group !== "ALL" && group !== "STANDARD" && group !== "CUSTOM") throw read.refuse();
  return { kind: "fields", group };
}

/** What follows the parenthesis of `SUM(`. */
function readAggregate(read: Reader, called: Path): Aggregate {
  const name = called.names.join(".").toUpperCase();
  if (!aggregates.has(name))
    throw refuseQuery("MALFORMED_QUERY", read.soql, called.at, "unexpected token: '('");
  const path = read.path();
  read.sign(")");
  return { name: name as AggregateName, path };
}

/** A field, or an aggregate of one, as HAVING and ORDER BY take them. */
export function readFieldOrAggregate(read: Reader): Path | Aggregate {
  const path = read.path();
  return read.takeSign("(") ? readAggregate(read, path) : path;
}

function readOrder(read: Reader): Order {
  const by = readFieldOrAggregate(read);
  const descending = read.takeWord("DESC");
  if (!descending) read.takeWord("ASC");
  let nullsLast = false;
  if (read.takeWord("NULLS")) {
    nullsLast = read.takeWord("LAST");
    if (!nullsLast) read.word("FIRST");
  }
  return { by, descending, nullsLast };
}
