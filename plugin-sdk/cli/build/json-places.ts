import { type ParseResult, parseExpression } from "@babel/parser";
import type { Expression, Node } from "@babel/types";
import { parseStrictJson, StrictJsonError } from "../../json/index.ts";
import type { FailureProblem } from "../failure.ts";

/** A JSON file that was read: its value, and where in the text what stands. */
export interface JsonText {
  value: unknown;
  /** Line and column, from 1, of what a JSON Pointer names; of what it would be in, if it is not there. */
  placeOf(pointer: string): Pick<FailureProblem, "line" | "column">;
}

/** Parses a JSON file as strictly as registries do, and tells what is wrong by its place. */
export function readJsonText(file: string, text: string): JsonText | { problem: FailureProblem } {
  try {
    const value = parseStrictJson(text);
    const root: ParseResult<Expression> = parseExpression(text);
    return { value, placeOf: (pointer) => placeIn(root, pointer) };
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    const place = placeOfMistake(text, error.message);
    const said = error.message.replace(/ in JSON at position.*$|, "?\.\.\..*is not valid JSON$/s, "");
    return {
      problem: { code: "json-malformed", file, ...place, message: `${file} is not valid JSON: ${said}` },
    };
  }
}

/** V8 says it of most mistakes; what it does not say is looked for. */
function placeOfMistake(text: string, message: string): Pick<FailureProblem, "line" | "column"> {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? [];
  if (line && column) return { line: Number(line), column: Number(column) };
  const twice = /^The name "(.*)" stands twice/s.exec(message)?.[1];
  const index = twice ? text.lastIndexOf(`"${twice}"`) : indexOfNoJson(text);
  const before = text.slice(0, Math.max(index, 0)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Of the first word that is neither a string nor a JSON value; the end of the text, if there is none. */
function indexOfNoJson(text: string): number {
  for (const { 0: word, index } of text.matchAll(/"(?:\\.|[^"\\])*"|[^\s{}[\]:,"]+/g))
    if (!word.startsWith('"') && !/^(?:true|false|null|-?\d[\d.eE+-]*)$/.test(word)) return index;
  return text.length;
}

function placeIn(root: Node, pointer: string): Pick<FailureProblem, "line" | "column"> {
  let node: Node = root;
  let shown: Node = root;
  for (const token of pointer.split("/").slice(1)) {
    const found = childOf(node, token.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (!found) break;
    ({ node, shown } = found);
  }
  const { line = 1, column = 0 } = shown.loc?.start ?? {};
  return { line, column: column + 1 };
}

/** A property is shown by its name, an item of a list by itself. */
function childOf(parent: Node, token: string): { node: Node; shown: Node } | undefined {
  if (parent.type === "ArrayExpression") {
    const item = parent.elements[Number(token)];
    return item ? { node: item, shown: item } : undefined;
  }
  if (parent.type !== "ObjectExpression") return undefined;
  for (const property of parent.properties)
    if (
      property.type === "ObjectProperty" &&
      property.key.type === "StringLiteral" &&
      property.key.value === token
    )
      return { node: property.value, shown: property.key };
  return undefined;
}
