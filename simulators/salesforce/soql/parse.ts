import { malformedQuery } from "../errors.ts";
import type { Comparison, Expression, Literal, Order, Query, Selected } from "./ast.ts";
import { type Token, tokensOf } from "./tokens.ts";

/**
 * SOQL without subqueries, aggregates besides COUNT(), and SOSL: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl
 *
 * @throws SalesforceError MALFORMED_QUERY
 */
export function parseSoql(soql: string): Query {
  const read = reader(tokensOf(soql));
  read.word("SELECT");
  const select = read.list(() => readSelected(read));
  read.word("FROM");
  const from = read.name();
  const where = read.takeWord("WHERE") ? readExpression(read) : undefined;
  const orderBy = read.takeWord("ORDER") ? readOrders(read) : [];
  const limit = read.takeWord("LIMIT") ? read.whole() : undefined;
  const offset = read.takeWord("OFFSET") ? read.whole() : 0;
  // They say how records are to be locked or remembered, and change nothing that is told.
  if (read.takeWord("FOR")) read.name();
  read.end();
  if (select.some(({ kind }) => kind === "count") && select.length > 1)
    throw malformedQuery("unexpected token: 'COUNT'");
  return { select, from, where, orderBy, limit, offset };
}

type Reader = ReturnType<typeof reader>;

function reader(tokens: readonly Token[]) {
  let at = 0;
  const end: Token = { kind: "end", text: "<EOF>" };
  const peek = () => tokens[at] ?? end;
  const refuse = () => malformedQuery(`unexpected token: '${peek().text}'`);
  const isWord = (word: string) => peek().kind === "name" && peek().text.toUpperCase() === word;
  const take = (fits: boolean): string => {
    if (!fits) throw refuse();
    const { text } = peek();
    at += 1;
    return text;
  };
  const read = {
    peek,
    refuse,
    next: () => tokens[at++] ?? end,
    isWord,
    takeWord: (word: string) => isWord(word) && take(true) !== "",
    word: (word: string) => take(isWord(word)),
    takeSign: (sign: string) => peek().kind === "sign" && peek().text === sign && take(true) !== "",
    sign: (sign: string) => take(peek().kind === "sign" && peek().text === sign),
    name: () => take(peek().kind === "name" && !isReserved(peek().text)),
    whole: () => Number(take(peek().kind === "number" && /^\d+$/.test(peek().text))),
    end: () => take(peek().kind === "end"),
    list<Item>(item: () => Item): Item[] {
      const items = [item()];
      while (read.takeSign(",")) items.push(item());
      return items;
    },
  };
  return read;
}

const reserved = new Set([
  "SELECT",
  "FROM",
  "WHERE",
  "AND",
  "OR",
  "NOT",
  "ORDER",
  "BY",
  "LIMIT",
  "OFFSET",
  "LIKE",
  "IN",
]);
const isReserved = (word: string) => reserved.has(word.toUpperCase());

function readSelected(read: Reader): Selected {
  const name = read.name();
  if (!read.takeSign("(")) return { kind: "path", path: name.split(".") };
  if (name.toUpperCase() === "COUNT") {
    read.sign(")");
    return { kind: "count" };
  }
  if (name.toUpperCase() !== "FIELDS") throw read.refuse();
  const group = read.name().toUpperCase();
  read.sign(")");
  if (group !== "ALL" && group !== "STANDARD" && group !== "CUSTOM") throw read.refuse();
  return { kind: "fields", group };
}

function readOrders(read: Reader): Order[] {
  read.word("BY");
  return read.list(() => readOrder(read));
}

function readOrder(read: Reader): Order {
  const path = read.name().split(".");
  const descending = read.takeWord("DESC") || (read.takeWord("ASC") && false);
  let nullsLast = false;
  if (read.takeWord("NULLS")) {
    nullsLast = read.takeWord("LAST");
    if (!nullsLast) read.word("FIRST");
  }
  return { path, descending, nullsLast };
}

/** AND and OR are not mixed without parentheses: Salesforce refuses it. */
function readExpression(read: Reader): Expression {
  const first = readPart(read);
  for (const kind of ["and", "or"] as const) {
    const word = kind.toUpperCase();
    if (!read.isWord(word)) continue;
    const parts = [first];
    while (read.takeWord(word)) parts.push(readPart(read));
    if (read.isWord("AND") || read.isWord("OR")) throw read.refuse();
    return { kind, parts };
  }
  return first;
}

function readPart(read: Reader): Expression {
  if (read.takeWord("NOT")) return { kind: "not", part: readPart(read) };
  if (read.takeSign("(")) {
    const inner = readExpression(read);
    read.sign(")");
    return inner;
  }
  const path = read.name().split(".");
  const operator = readOperator(read);
  if (operator !== "IN" && operator !== "NOT IN")
    return { kind: "comparison", path, operator, values: [readLiteral(read)] };
  read.sign("(");
  const values = read.list(() => readLiteral(read));
  read.sign(")");
  return { kind: "comparison", path, operator, values };
}

function readOperator(read: Reader): Comparison {
  if (read.takeWord("LIKE")) return "LIKE";
  if (read.takeWord("IN")) return "IN";
  if (read.takeWord("NOT")) {
    read.word("IN");
    return "NOT IN";
  }
  const { kind, text } = read.peek();
  const known = ["=", "!=", "<>", "<", "<=", ">", ">="].includes(text);
  if (kind !== "sign" || !known) throw read.refuse();
  read.next();
  return text === "<>" ? "!=" : (text as Comparison);
}

function readLiteral(read: Reader): Literal {
  const { kind, text } = read.peek();
  if (kind === "end" || kind === "sign") throw read.refuse();
  read.next();
  if (kind === "text") return { kind: "text", value: text };
  if (kind === "number") return { kind: "number", value: Number(text) };
  if (kind === "date" || kind === "datetime") return { kind, value: text };
  const word = text.toUpperCase();
  if (word === "TRUE" || word === "FALSE") return { kind: "boolean", value: word === "TRUE" };
  if (word === "NULL") return { kind: "null", value: null };
  const [name = "", n = "0"] = word.split(":");
  return { kind: "span", name, n: Number(n) };
}
