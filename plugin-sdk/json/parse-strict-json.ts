/** A text is not JSON, or is JSON that two parsers may read differently. */
export class StrictJsonError extends Error {
  override readonly name = "StrictJsonError";
}

/** What reads the value later may recurse. */
const maxDepth = 128;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses JSON as RFC 8259 and nothing else: UTF-8 without byte order mark, no property twice (also not spelled
 * differently, such as `"a"` and `"\u0061"`), no `__proto__`, not deeper than 128 levels. What passes means the same to every parser.
 *
 * @throws StrictJsonError with what was wrong
 */
export function parseStrictJson(input: string | Uint8Array): unknown {
  const text = typeof input === "string" ? input : decode(input);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StrictJsonError(cause instanceof Error ? cause.message : "It is not JSON.", { cause });
  }
  refuseDoubtfulNames(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new StrictJsonError("It is not UTF-8.", { cause });
  }
}

/** Walks over text that is known to be JSON, so that all there is to see are names, values and brackets. */
function refuseDoubtfulNames(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let index = 0; index < text.length; index += 1) {
    if (open.length > maxDepth) throw new StrictJsonError(`It is nested deeper than ${maxDepth} levels.`);
    const character = text[index];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(text, index);
      if (isFollowedByColon(text, end)) addName(open.at(-1), JSON.parse(text.slice(index, end)));
      index = end - 1;
    }
  }
}

/** The index after the closing quote. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function isFollowedByColon(text: string, start: number): boolean {
  let index = start;
  while (" \t\r\n".includes(text[index] ?? "end")) index += 1;
  return text[index] === ":";
}

function addName(names: Set<string> | undefined, name: string): void {
  if (name === "__proto__") throw new StrictJsonError("The name __proto__ is not allowed.");
  if (names?.has(name)) {
    throw new StrictJsonError(`The name ${JSON.stringify(name).slice(0, 80)} stands twice in one object.`);
  }
  names?.add(name);
}
