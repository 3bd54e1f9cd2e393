import type { Org } from "../orgs.ts";
import { isId, longId } from "../records/ids.ts";
import type { Field, Value } from "../schema/field.ts";
import type { Row, SObject } from "../schema/sobject.ts";
import type { Comparison, Expression, Literal } from "./ast.ts";
import { invalidField, resolve, valueAt } from "./resolve.ts";
import { type Span, spanOf } from "./spans.ts";

type Test = (row: Row) => boolean;

/** What a WHERE asks of a record; names and types are looked at before any record is. @throws SalesforceError */
export function matcher(org: Org, object: SObject, where: Expression | undefined): Test {
  if (!where) return () => true;
  switch (where.kind) {
    case "not": {
      const part = matcher(org, object, where.part);
      return (row) => !part(row);
    }
    case "and":
    case "or": {
      const parts = where.parts.map((one) => matcher(org, object, one));
      return where.kind === "and"
        ? (row) => parts.every((part) => part(row))
        : (row) => parts.some((part) => part(row));
    }
    case "comparison": {
      const { operator, values } = where;
      const place = resolve(org, object, where.path);
      for (const value of values) checkType(place.field, value, operator);
      const { field } = place;
      if (operator === "IN" || operator === "NOT IN") {
        const isIn = values.map((value) => comparison(field, "=", value, org.nowMs()));
        return (row) => isIn.some((is) => is(valueAt(org, row, place))) === (operator === "IN");
      }
      const [value] = values;
      if (!value) return () => false;
      const compare = comparison(field, operator, value, org.nowMs());
      return (row) => compare(valueAt(org, row, place));
    }
  }
}

function comparison(
  field: Field,
  operator: Comparison,
  literal: Literal,
  nowMs: number,
): (value: Value) => boolean {
  if (operator === "!=") {
    const isEqual = comparison(field, "=", literal, nowMs);
    return (value) => !isEqual(value);
  }
  if (literal.kind === "null") return (value) => operator === "=" && value === null;
  if (operator === "LIKE") return like(String(literalValue(literal)));
  const span = spanOfLiteral(literal, nowMs);
  if (span) return (value) => typeof value === "string" && isWithin(Date.parse(value), operator, span);
  const isReference = field.type === "id" || field.type === "reference";
  const wanted = isReference ? idOf(literalValue(literal)) : comparable(literalValue(literal));
  return (value) => {
    if (value === null || wanted === null) return false;
    const order = compare(isReference ? value : comparable(value), wanted);
    return isOrder(operator, order);
  };
}

function spanOfLiteral(literal: Literal, nowMs: number): Span | undefined {
  if (literal.kind === "span") return spanOf(literal.name, literal.n, nowMs);
  if (literal.kind !== "date" && literal.kind !== "datetime") return undefined;
  const from = Date.parse(literal.value.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
  return { from, to: from + 1 };
}

function isWithin(at: number, operator: Comparison, { from, to }: Span): boolean {
  switch (operator) {
    case "=":
      return at >= from && at < to;
    case "<":
      return at < from;
    case "<=":
      return at < to;
    case ">":
      return at >= to;
    default:
      return at >= from;
  }
}

function isOrder(operator: Comparison, order: number): boolean {
  switch (operator) {
    case "=":
      return order === 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Texts are compared whatever their case, and empty ones are none. */
const comparable = (value: Value): Value => (typeof value === "string" ? value.toLowerCase() : value);

export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}

function like(pattern: string): (value: Value) => boolean {
  const source = pattern.replace(/\\[%_]|[%_]|[\s\S]/g, (part) => {
    if (part === "%") return "[\\s\\S]*";
    if (part === "_") return "[\\s\\S]";
    return (part.length === 2 ? part.charAt(1) : part).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  const expression = new RegExp(`^${source}$`, "i");
  return (value) => typeof value === "string" && expression.test(value);
}

const literalValue = (literal: Literal): Value => (literal.kind === "span" ? null : literal.value);

const idOf = (value: Value): string | null =>
  typeof value === "string" && isId(value) ? longId(value) : null;

const quoted = new Set(["string", "textarea", "picklist", "email", "phone", "url", "id", "reference"]);
const numeric = new Set(["int", "double", "currency", "percent"]);

function checkType({ name, type }: Field, literal: Literal, operator: Comparison): void {
  const { kind } = literal;
  if (kind === "null") return;
  if (type === "textarea") throw invalidField(`field '${name}' can not be filtered in a query call`);
  const expects = (what: string) =>
    invalidField(`value of filter criterion for field '${name}' must be of type ${what}`);
  if (quoted.has(type)) {
    if (kind !== "text") throw expects("string and should be enclosed in quotes");
    if (type === "id" || type === "reference") checkId(name, String(literalValue(literal)), operator);
    return;
  }
  if (operator === "LIKE") throw invalidField(`invalid operator on ${type} field`);
  if (numeric.has(type) && kind !== "number") throw expects(`${type} and should not be enclosed in quotes`);
  if (type === "boolean" && kind !== "boolean") throw expects("boolean and should not be enclosed in quotes");
  if (type === "date" && kind !== "date" && kind !== "span")
    throw expects("date and should not be enclosed in quotes");
  if (type === "datetime" && kind !== "datetime" && kind !== "span")
    throw expects("dateTime and should not be enclosed in quotes");
}

function checkId(name: string, value: string, operator: Comparison): void {
  if (operator === "LIKE") throw invalidField("invalid operator on id field");
  if (value !== "" && !isId(value)) throw invalidField(`invalid ID field: ${value} (${name})`);
}
