import { invalidRequest } from "../errors.ts";

/** One condition of a query, such as `-status:"canceled"` or `amount>1000`. */
export interface Clause {
  /** `metadata.<key>` for `metadata["key"]`. */
  field: string;
  operator: ":" | "~" | ">" | "<" | ">=" | "<=";
  value: string | null;
  isQuoted: boolean;
  isNegated: boolean;
}

export interface Query {
  clauses: Clause[];
  /** A query has one of them only. */
  joinedBy: "AND" | "OR";
}

/** https://docs.stripe.com/search#search-query-language */
const maxClauses = 10;

const part =
  /\s*(-)?([a-z_][a-z0-9_.]*)(?:\[(?:"([^"]+)"|'([^']+)')\])?\s*(>=|<=|[:~<>])\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']+))(\s+(AND|OR)\b)?/iy;

/** @throws {StripeApiError} 400 for what is no query */
export function parseQuery(query: string): Query {
  const clauses: Clause[] = [];
  const joins = new Set<string>();
  const text = query.trimEnd();
  part.lastIndex = 0;
  let position = 0;
  while (position < text.length) {
    part.lastIndex = position;
    const match = part.exec(text);
    if (!match) throw unparsable();
    const [all, minus, field = "", key1, key2, operator = ":", quoted1, quoted2, bare, , join] = match;
    const key = key1 ?? key2;
    const quoted = quoted1 ?? quoted2;
    clauses.push({
      field: (key === undefined ? field : `${field}.${key}`).replace(/^[a-z]/i, (first) =>
        first.toLowerCase(),
      ),
      operator: operator as Clause["operator"],
      value: quoted?.replace(/\\(.)/g, "$1") ?? (bare?.toLowerCase() === "null" ? null : (bare ?? "")),
      isQuoted: quoted !== undefined,
      isNegated: minus !== undefined,
    });
    position += all.length;
    const isLast = position >= text.length;
    if (join && isLast) throw unparsable();
    if (!isLast) joins.add(join?.toUpperCase() ?? "AND");
  }
  if (clauses.length === 0) throw unparsable();
  if (clauses.length > maxClauses) throw refuse(`Search queries can have at most ${maxClauses} clauses.`);
  if (joins.size > 1) throw refuse("You can't combine AND and OR in the same query.");
  return { clauses, joinedBy: joins.has("OR") ? "OR" : "AND" };
}

const unparsable = () =>
  refuse(
    'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for metadata or `key:"value"` to query for other fields.',
  );

export function refuse(message: string) {
  return invalidRequest(400, undefined, message, "query");
}
