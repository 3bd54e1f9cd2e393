import type { Params, ParamTable } from "../params/kinds.ts";
import { text } from "../params/kinds.ts";
import type { AnyRecord } from "../records/shapes.ts";
import type { FieldKind, SearchFields } from "./fields.ts";
import { type Clause, parseQuery, refuse } from "./parse.ts";

export const searchParams: ParamTable = {
  query: text(5000),
  limit: { kind: "integer", min: 1, max: 100 },
  page: text(5000),
};

/** `~` needs as many characters. */
const minPartLength = 3;

/**
 * One page of the records that a query fits, newest first (https://docs.stripe.com/search). Stripe finds what was
 * written a minute ago; here it is found at once.
 *
 * @throws {StripeApiError} 400 for a query that Stripe refuses
 */
export function searchRecords(
  records: AnyRecord[],
  params: Params,
  fields: SearchFields,
  url: string,
): object {
  const { clauses, joinedBy } = parseQuery(String(params.query));
  const tests = clauses.map((clause) => testOf(clause, fields));
  const fits = (record: AnyRecord) =>
    joinedBy === "OR" ? tests.some((test) => test(record)) : tests.every((test) => test(record));
  const found = records.filter(fits).reverse();
  const limit = typeof params.limit === "number" ? params.limit : 10;
  const start = typeof params.page === "string" ? positionOf(params.page) : 0;
  const hasMore = start + limit < found.length;
  return {
    object: "search_result",
    data: found.slice(start, start + limit),
    has_more: hasMore,
    next_page: hasMore ? Buffer.from(`${start + limit}`).toString("base64") : null,
    url,
  };
}

function positionOf(page: string): number {
  const position = Number(Buffer.from(page, "base64").toString("utf8"));
  if (!Number.isInteger(position)) throw refuse(`Invalid page: ${page}`);
  return position;
}

function testOf(clause: Clause, fields: SearchFields): (record: AnyRecord) => boolean {
  const { field, operator, value, isNegated, isQuoted } = clause;
  const kind: FieldKind | undefined = field.startsWith("metadata.") ? { type: "string" } : fields[field];
  if (!kind) throw refuse(`Field \`${field}\` is an unsupported search field for this resource.`);
  const comparesText = operator === ":" || operator === "~";
  if (!comparesText && kind.type !== "numeric")
    throw refuse(`The operator \`${operator}\` can only be used with numeric fields; \`${field}\` is none.`);
  if (kind.type === "numeric" && value !== null && !Number.isFinite(Number(value)))
    throw refuse(`Field \`${field}\` is numeric; \`${value}\` is not a number.`);
  if (kind.type !== "numeric" && value !== null && !isQuoted)
    throw refuse(`Values of \`${field}\` have to be in quotation marks.`);
  if (operator === "~" && kind.type !== "string")
    throw refuse(`The operator \`~\` can only be used with string fields; \`${field}\` is none.`);
  if (operator === "~" && (value?.length ?? 0) < minPartLength)
    throw refuse(`Substring search needs at least ${minPartLength} characters.`);
  const at = (kind.at ?? field).split(".");
  return (record) => fitsValue(valueAt(record, at), operator, value, kind) !== isNegated;
}

function fitsValue(
  held: unknown,
  operator: Clause["operator"],
  value: string | null,
  kind: FieldKind,
): boolean {
  if (value === null) return held === undefined || held === null;
  if (held === undefined || held === null) return false;
  if (kind.type === "numeric") {
    const [one, other] = [Number(held), Number(value)];
    if (operator === ">") return one > other;
    if (operator === "<") return one < other;
    if (operator === ">=") return one >= other;
    if (operator === "<=") return one <= other;
    return one === other;
  }
  const [one, other] = [String(held).toLowerCase(), value.toLowerCase()];
  return operator === "~" ? one.includes(other) : one === other;
}

/** Keys of metadata may have dots in them. */
function valueAt(record: unknown, [field, ...rest]: string[]): unknown {
  if (field === undefined || typeof record !== "object" || record === null) return record;
  const held = record as { [name: string]: unknown };
  if (field === "metadata") return valueAt(held.metadata, [rest.join(".")]);
  return rest.length === 0 ? held[field] : valueAt(held[field], rest);
}
