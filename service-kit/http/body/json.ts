import { isUtf8 } from "node:buffer";
import { parse } from "secure-json-parse";
import { httpErrors } from "../http-errors.ts";
import { type Problem, textProblem } from "../problems.ts";

/**
 * Parses a JSON body.
 *
 * @throws PlugboardError `malformed-json` if it is not JSON in UTF-8, or holds a key such as `__proto__`;
 *   `invalid-request` if a text in it has a NUL or half a surrogate pair, which no database text can hold.
 */
export function parseJson(bytes: Buffer): unknown {
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
  if (riskyEscape.test(text)) {
    const problems = findTextProblems(value, "");
    if (problems.length > 0) {
      throw httpErrors.error("invalid-request", "The body holds text that cannot be stored.", { problems });
    }
  }
  return value;
}

const riskyEscape = /\\u(0000|d[89a-f])/i;

function findTextProblems(value: unknown, pointer: string): Problem[] {
  if (typeof value === "string") {
    const message = textProblem(value);
    return message ? [{ in: "body", pointer, message }] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const at = `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const inName = textProblem(name);
    return inName
      ? [{ in: "body" as const, pointer, message: `a field name ${inName}` }]
      : findTextProblems(item, at);
  });
}

function malformed(detail: string) {
  return httpErrors.error("malformed-json", detail.slice(0, 300));
}
