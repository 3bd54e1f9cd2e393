import { pointerTo } from "./pointer.ts";
import type { Json, Problem } from "./types.ts";

const maxDepth = 64;
const maxValues = 50_000;
const maxStringLength = 20_000;

/**
 * Copies a value that is plain JSON and says what is not: accessors, exotic prototypes, holes, lone surrogates,
 * `__proto__`, too deep, too many. The copy has nothing in it that could change or run code later.
 */
export function copyPlainJson(value: unknown): { value: Json; problems: [] } | { problems: Problem[] } {
  const problems: Problem[] = [];
  let values = 0;

  function refuse(code: string, path: (string | number)[], message: string): null {
    problems.push({ code, pointer: pointerTo(...path), message });
    return null;
  }

  function copy(from: unknown, path: (string | number)[]): Json {
    values += 1;
    if (values > maxValues) {
      return values === maxValues + 1
        ? refuse("too-large", path, `There are more than ${maxValues} values; make the document smaller.`)
        : null;
    }
    if (path.length > maxDepth) {
      return refuse("too-deep", path, `This is nested deeper than ${maxDepth} levels; make it flatter.`);
    }
    if (typeof from === "string") return copyString(from, path);
    if (from === null || typeof from === "boolean") return from;
    if (typeof from === "number") {
      return Number.isFinite(from) ? from : refuse("not-json", path, `${from} is not a JSON number.`);
    }
    if (Array.isArray(from)) return copyArray(from, path);
    if (typeof from === "object") return copyObject(from, path);
    return refuse("not-json", path, `A ${typeof from} is not a JSON value.`);
  }

  function copyString(from: string, path: (string | number)[]): Json {
    if (from.length > maxStringLength) {
      return refuse("too-long", path, `This text is longer than ${maxStringLength} characters; shorten it.`);
    }
    return from.isWellFormed() ? from : refuse("not-json", path, "This text has half of a surrogate pair.");
  }

  function copyArray(from: unknown[], path: (string | number)[]): Json {
    const result: Json[] = [];
    for (let index = 0; index < from.length && values <= maxValues; index += 1) {
      const property = Object.getOwnPropertyDescriptor(from, index);
      if (!property || !("value" in property)) {
        refuse("not-json", [...path, index], "This place of the list is empty or computed; write a value.");
        continue;
      }
      result.push(copy(property.value, [...path, index]));
    }
    return result;
  }

  function copyObject(from: object, path: (string | number)[]): Json {
    const prototype: unknown = Object.getPrototypeOf(from);
    if (prototype !== Object.prototype && prototype !== null) {
      return refuse("not-json", path, "This is not a plain object.");
    }
    const result: { [key: string]: Json } = {};
    for (const key of Reflect.ownKeys(from)) {
      if (values > maxValues) break;
      const property = Object.getOwnPropertyDescriptor(from, key);
      if (typeof key === "symbol" || !property?.enumerable || !("value" in property)) {
        refuse("not-json", [...path, String(key)], "This property is hidden or computed; write a value.");
      } else if (key === "__proto__") {
        refuse("forbidden-name", [...path, key], "The name __proto__ is not allowed; choose another.");
      } else if (key.length > 500 || !key.isWellFormed()) {
        refuse(
          "not-json",
          path,
          "A property name is longer than 500 characters or has half of a surrogate pair.",
        );
      } else {
        result[key] = copy(property.value, [...path, key]);
      }
    }
    return result;
  }

  const result = copy(value, []);
  return problems.length === 0 ? { value: result, problems: [] } : { problems };
}
