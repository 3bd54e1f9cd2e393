import { refuseQuery } from "./refuse.ts";

export interface Token {
  kind: "text" | "datetime" | "date" | "number" | "name" | "sign" | "end";
  /** As written; of a text, without quotes. */
  text: string;
  /** Where it begins. */
  at: number;
}

const patterns: [Token["kind"] | "space", RegExp][] = [
  ["space", /\s+/y],
  ["text", /'((?:[^'\\]|\\.)*)'/sy],
  ["datetime", /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:?\d{2})/y],
  ["date", /\d{4}-\d{2}-\d{2}(?![\dT])/y],
  ["number", /[+-]?\d+(?:\.\d+)?(?![\w.])/y],
  ["name", /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d+)?/y],
  ["sign", /<=|>=|!=|<>|[=<>(),]/y],
];

/** @throws SalesforceError MALFORMED_QUERY */
export function tokensOf(soql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < soql.length; ) {
    const found = patterns
      .map(([kind, pattern]) => {
        pattern.lastIndex = at;
        return { kind, match: pattern.exec(soql) };
      })
      .find(({ match }) => match !== null);
    if (!found?.match) throw refuseQuery("MALFORMED_QUERY", soql, at, wordsFor(soql.charAt(at)));
    const { kind, match } = found;
    if (kind !== "space") tokens.push({ kind, text: match[1] ?? match[0], at });
    at += match[0].length;
  }
  return [...tokens, { kind: "end", text: "<EOF>", at: soql.length }];
}

function wordsFor(character: string): string {
  if (character === ":") return "Bind variables only allowed in Apex code";
  // A quote that no other one ends.
  return character === "'" ? "unexpected token: '<EOF>'" : `unexpected token: '${character}'`;
}
