import type { Json } from "../../author/index.ts";

/** As many digits as a number of JavaScript's may not hold. */
const longNumber = /[\d.]{16}/;

/** ECMAScript 2026, of which TypeScript's library does not know this yet. */
const json = JSON as unknown as {
  parse(text: string, revive: (name: string, value: unknown, at: { source?: string }) => unknown): unknown;
  rawJSON(text: string): object;
};

/**
 * The changed value as text in which numbers that nobody changed stand as they did: ids of 64 bits, that JavaScript rounds,
 * must not become others because a hook stamped something beside them.
 *
 * @param text what `before` was read from
 * @returns undefined where it has no such numbers
 */
export function keepingNumbers(text: string, before: Json, after: Json): string | undefined {
  if (!longNumber.test(text)) return undefined;
  const written = json.parse(text, (_, value, { source }) =>
    typeof value === "number" && source !== undefined ? json.rawJSON(source) : value,
  );
  return JSON.stringify(merge(written, before, after));
}

/** @param written `before`, with its numbers as they were written */
function merge(written: unknown, before: Json | undefined, after: Json): unknown {
  if (Array.isArray(after)) {
    if (!Array.isArray(written) || !Array.isArray(before) || before.length !== after.length) return after;
    return after.map((item, index) => merge(written[index], before[index], item));
  }
  if (!isObject(after)) return after === before ? written : after;
  if (!isObject(written) || !isObject(before)) return after;
  const members = Object.entries(after).map(([name, value]): [string, unknown] => [
    name,
    Object.hasOwn(before, name) ? merge(written[name], before[name], value) : value,
  ]);
  return Object.fromEntries(members);
}

function isObject<Value>(value: Value): value is Value & { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
