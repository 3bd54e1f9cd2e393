import { isId, longId } from "../records/ids.ts";
import type { Field, Value } from "../schema/field.ts";
import type { Aggregate, Comparison, Expression, Literal, Path, Query } from "./ast.ts";
import { refuseQuery } from "./refuse.ts";
import { invalidField, type Scope } from "./scope.ts";
import { type Span, spanOf } from "./spans.ts";
import { likePattern } from "./texts.ts";

/** What is compared: a field of records, or what is counted of groups of them. */
export interface Bound<Subject> {
  field: Pick<Field, "name" | "type">;
  read(subject: Subject): Value;
}

export interface Binding<Subject> {
  /** @throws SalesforceError */
  bind(by: Path | Aggregate): Bound<Subject>;
  /** The values that a query within the query finds. @throws SalesforceError */
  among(query: Query): ReadonlySet<Value>;
}

/** What a WHERE or HAVING asks; names and types are looked at before any record is. @throws SalesforceError */
export function matcher<Subject>(
  scope: Scope,
  binding: Binding<Subject>,
  where: Expression | undefined,
): (subject: Subject) => boolean {
  if (!where) return () => true;
  switch (where.kind) {
    case "not": {
      const part = matcher(scope, binding, where.part);
      return (subject) => !part(subject);
    }
    case "and":
    case "or": {
      const parts = where.parts.map((one) => matcher(scope, binding, one));
      return where.kind === "and"
        ? (subject) => parts.every((part) => part(subject))
        : (subject) => parts.some((part) => part(subject));
    }
    case "among": {
      const { field, read } = binding.bind(where.path);
      if (field.type !== "id" && field.type !== "reference")
        throw invalidField(scope, where.path, "The left operand in a semi join must be an id or reference");
      const among = binding.among(where.query);
      return (subject) => among.has(read(subject)) !== where.isNegated;
    }
    case "comparison": {
      const { by, operator, values } = where;
      const { field, read } = binding.bind(by);
      const at = "name" in by ? by.path : by;
      for (const value of values) checkType(scope, at, field, value, operator);
      if (operator === "IN" || operator === "NOT IN") {
        const isIn = values.map((value) => comparison(scope, field, "=", value));
        return (subject) => isIn.some((is) => is(read(subject))) === (operator === "IN");
      }
      const [value] = values;
      if (!value) return () => false;
      const compare = comparison(scope, field, operator, value);
      return (subject) => compare(read(subject));
    }
  }
}

function comparison(
  scope: Scope,
  field: Pick<Field, "type">,
  operator: Comparison,
  literal: Literal,
): (value: Value) => boolean {
  if (operator === "!=") {
    const isEqual = comparison(scope, field, "=", literal);
    return (value) => !isEqual(value);
  }
  if (literal.kind === "null") return (value) => operator === "=" && value === null;
  if (operator === "LIKE") {
    const pattern = likePattern(literal.kind === "text" ? literal.written : "");
    return (value) => typeof value === "string" && pattern.test(value);
  }
  const span = spanOfLiteral(scope, literal);
  if (span) return (value) => typeof value === "string" && isWithin(Date.parse(value), operator, span);
  const isReference = field.type === "id" || field.type === "reference";
  const wanted = isReference ? idOf(literalValue(literal)) : comparable(literalValue(literal));
  return (value) => {
    if (value === null || wanted === null) return false;
    const order = compare(isReference ? value : comparable(value), wanted);
    return isOrder(operator, order);
  };
}

function spanOfLiteral(scope: Scope, literal: Literal): Span | undefined {
  if (literal.kind === "span") {
    const span = spanOf(literal.name, literal.n, scope.org.nowMs());
    if (span) return span;
    const words = `unexpected token: '${literal.name}'`;
    throw refuseQuery("MALFORMED_QUERY", scope.query.soql, literal.at, words);
  }
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

const literalValue = (literal: Literal): Value => (literal.kind === "span" ? null : literal.value);

const idOf = (value: Value): string | null =>
  typeof value === "string" && isId(value) ? longId(value) : null;

const quoted = new Set(["string", "textarea", "picklist", "email", "phone", "url", "id", "reference"]);
const numeric = new Set(["int", "double", "currency", "percent"]);

function checkType(
  scope: Scope,
  at: Path,
  { name, type }: Pick<Field, "name" | "type">,
  literal: Literal,
  operator: Comparison,
): void {
  const { kind } = literal;
  const refuse = (message: string) => invalidField(scope, at, message);
  if (kind === "null") return;
  if (type === "textarea") throw refuse(`field '${name}' can not be filtered in a query call`);
  const expects = (what: string) =>
    refuse(`value of filter criterion for field '${name}' must be of type ${what}`);
  if (quoted.has(type)) {
    if (kind !== "text") throw expects("string and should be enclosed in quotes");
    if (type === "id" || type === "reference") checkId(refuse, String(literalValue(literal)), operator);
    return;
  }
  if (operator === "LIKE") throw refuse(`invalid operator on ${type} field`);
  if (numeric.has(type) && kind !== "number") throw expects(`${type} and should not be enclosed in quotes`);
  if (type === "boolean" && kind !== "boolean") throw expects("boolean and should not be enclosed in quotes");
  if (type === "date" && kind !== "date" && kind !== "span")
    throw expects("date and should not be enclosed in quotes");
  if (type === "datetime" && kind !== "datetime" && kind !== "span")
    throw expects("dateTime and should not be enclosed in quotes");
}

function checkId(refuse: (message: string) => Error, value: string, operator: Comparison): void {
  if (operator === "LIKE") throw refuse("invalid operator on id field");
  if (value !== "" && !isId(value)) throw refuse(`invalid ID field: ${value}`);
}
