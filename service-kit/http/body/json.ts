import { isUtf8 } from "node:buffer";
import { parse } from "secure-json-parse";
import { httpErrors } from "../http-errors.ts";
import { type Problem, textProblem } from "../problems.ts";

/**
 * Parses a JSON body.
 *
 * @throws PlugboardError `malformed-json` if it is not JSON in UTF-8, or holds a key such as `__proto__`.
 */
export function parseJson(bytes: Buffer): { value: unknown; problems: Problem[] } {
  if (bytes.length === 0) throw malformed("The body is empty; expected a JSON value.");
  if (!isUtf8(bytes)) throw malformed("The body is not valid UTF-8.");
  const text = bytes.toString("utf8");
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw malformed(`The body is not valid JSON: ${error instanceof Error ? error.message : "unreadable"}.`);
  }
  // Only an escape can bring such characters into valid JSON in valid UTF-8, so most bodies need no second look.
  return { value, problems: riskyEscape.test(text) ? unstorableTexts(value, "") : [] };
}

const riskyEscape = /\\u(0000|d[89a-f])/i;

function unstorableTexts(value: unknown, pointer: string): Problem[] {
  if (typeof value === "string") {
    const message = textProblem(value);
    return message ? [{ in: "body", pointer, message }] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]): Problem[] => {
    const inName = textProblem(name);
    if (inName) return [{ in: "body", pointer, message: `has a field whose name ${inName}` }];
    return unstorableTexts(item, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  });
}

function malformed(detail: string) {
  return httpErrors.error("malformed-json", detail.slice(0, 300));
}
