import { type Comparison, type Expression, isAggregate, type Literal } from "./ast.ts";
import { readFieldOrAggregate, readQuery } from "./parse.ts";
import type { Reader } from "./reader.ts";
import { refuseQuery } from "./refuse.ts";
import { unescaped } from "./texts.ts";

/** AND and OR are not mixed without parentheses: Salesforce refuses it. */
export function readExpression(read: Reader): Expression {
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
  const by = readFieldOrAggregate(read);
  const operator = readOperator(read);
  if (operator !== "IN" && operator !== "NOT IN")
    return { kind: "comparison", by, operator, values: [readLiteral(read)] };
  read.sign("(");
  if (read.isWord("SELECT") && !isAggregate(by)) {
    const query = readQuery(read);
    read.sign(")");
    return { kind: "among", path: by, isNegated: operator === "NOT IN", query };
  }
  const values = read.list(() => readLiteral(read));
  read.sign(")");
  return { kind: "comparison", by, operator, values };
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
  const { kind, text, at } = read.peek();
  if (kind === "end" || kind === "sign") throw read.refuse();
  read.next();
  if (kind === "text") {
    const value = unescaped(text);
    if (value !== undefined) return { kind: "text", value, written: text };
    throw refuseQuery("MALFORMED_QUERY", read.soql, at, "Illegal string literal: invalid escape");
  }
  if (kind === "number") return { kind: "number", value: Number(text) };
  if (kind === "date" || kind === "datetime") return { kind, value: text };
  const word = text.toUpperCase();
  if (word === "TRUE" || word === "FALSE") return { kind: "boolean", value: word === "TRUE" };
  if (word === "NULL") return { kind: "null", value: null };
  const [name = "", n = "0"] = word.split(":");
  return { kind: "span", name, n: Number(n), at };
}
