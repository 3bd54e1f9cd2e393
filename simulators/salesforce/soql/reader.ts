import type { SalesforceError } from "../errors.ts";
import type { Path } from "./ast.ts";
import { refuseQuery } from "./refuse.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** Reads the words of a query one by one. What is not expected is refused with its place. */
export type Reader = ReturnType<typeof openReader>;

/** @throws SalesforceError MALFORMED_QUERY, as do all of its functions */
export function openReader(soql: string) {
  const tokens = tokensOf(soql);
  const end: Token = { kind: "end", text: "<EOF>", at: soql.length };
  let at = 0;
  const peek = () => tokens[at] ?? end;
  const refuse = (): SalesforceError =>
    refuseQuery("MALFORMED_QUERY", soql, peek().at, `unexpected token: '${peek().text}'`);
  const isWord = (word: string) => peek().kind === "name" && peek().text.toUpperCase() === word;
  const isSign = (sign: string) => peek().kind === "sign" && peek().text === sign;
  const isName = () => peek().kind === "name" && !reserved.has(peek().text.toUpperCase());
  const take = (fits: boolean): Token => {
    if (!fits) throw refuse();
    const token = peek();
    at += 1;
    return token;
  };
  const takeIf = (fits: boolean): boolean => {
    if (fits) at += 1;
    return fits;
  };
  const read = {
    soql,
    peek,
    refuse,
    isWord,
    isName,
    next: () => take(peek().kind !== "end"),
    takeWord: (word: string) => takeIf(isWord(word)),
    word: (word: string) => take(isWord(word)),
    takeSign: (sign: string) => takeIf(isSign(sign)),
    sign: (sign: string) => take(isSign(sign)),
    name: () => take(isName()).text,
    path(): Path {
      const { text, at } = take(isName());
      return { names: text.split("."), at };
    },
    whole: () => Number(take(peek().kind === "number" && /^\d+$/.test(peek().text)).text),
    end: () => void take(peek().kind === "end"),
    list<Item>(item: () => Item): Item[] {
      const items = [item()];
      while (read.takeSign(",")) items.push(item());
      return items;
    },
  };
  return read;
}

const reserved = new Set([
  "AND",
  "ASC",
  "DESC",
  "EXCLUDES",
  "FIRST",
  "FROM",
  "GROUP",
  "HAVING",
  "IN",
  "INCLUDES",
  "LAST",
  "LIKE",
  "LIMIT",
  "NOT",
  "NULL",
  "NULLS",
  "OR",
  "ORDER",
  "SELECT",
  "WHERE",
  "WITH",
]);
