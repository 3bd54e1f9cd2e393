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
  if (!riskyEscape.test(text)) return { value, problems: [] };
  // In a deep document each pointer can be as long as the document.
  const most = text.length > maxListedCharacters ? 1 : maxProblems;
  return { value, problems: unstorableTexts(value, most) };
}

const maxProblems = 50;
const maxListedCharacters = 65_536;

const riskyEscape = /\\u(0000|d[89a-f])/i;

/** Without recursion: a body of a mebibyte can be nested deeper than any stack. */
function unstorableTexts(root: unknown, most: number): Problem[] {
  const problems: Problem[] = [];
  const left = [{ value: root, pointer: "" }];
  for (let next = left.pop(); next && problems.length < most; next = left.pop()) {
    const { value, pointer } = next;
    if (typeof value === "string") {
      const message = textProblem(value);
      if (message) problems.push({ in: "body", pointer, message });
    } else if (typeof value === "object" && value !== null) {
      for (const [name, item] of Object.entries(value).toReversed()) {
        const inName = textProblem(name);
        if (inName) problems.push({ in: "body", pointer, message: `has a field whose name ${inName}` });
        else
          left.push({
            value: item,
            pointer: `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
          });
      }
    }
  }
  return problems.slice(0, most);
}

function malformed(detail: string) {
  return httpErrors.error("malformed-json", detail.slice(0, 300));
}
