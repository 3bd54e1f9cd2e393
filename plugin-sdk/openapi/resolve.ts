import { below } from "./pointer.ts";
import { at, type Fields, isFields, textAt } from "./value.ts";

/** A place in the description: the value, and the JSON pointer to it. */
export interface Place<Value = unknown> {
  value: Value;
  pointer: string;
}

export type Resolve = (place: Place) => Place | undefined;

/** References that lead on to references; more is a mistake or an attack. */
const maxSteps = 50;

/**
 * Makes the function that follows `$ref`s within one description, as far as they lead: undefined where one leads
 * nowhere, round in a circle, or out of the file. A value without one is answered as it is.
 */
export function createResolver(document: Fields): Resolve {
  return (place) => {
    let current = place;
    for (let step = 0; step < maxSteps; step += 1) {
      const ref = refOf(current.value);
      if (ref === undefined) return current;
      const target = lookUp(document, ref);
      if (!target) return undefined;
      current = target;
    }
    return undefined;
  };
}

export function refOf(value: unknown): string | undefined {
  return isFields(value) ? textAt(value, "$ref") : undefined;
}

/** The value that a local reference points to: `#/components/schemas/Pet`. */
export function lookUp(document: Fields, ref: string): Place | undefined {
  const path = tokensOf(ref);
  if (!path) return undefined;
  let value: unknown = document;
  for (const token of path) {
    value = Array.isArray(value) && /^\d+$/.test(token) ? value[Number(token)] : at(value, token);
    if (value === undefined) return undefined;
  }
  return { value, pointer: below("", ...path) };
}

function tokensOf(ref: string): string[] | undefined {
  if (!ref.startsWith("#/")) return undefined;
  try {
    return decodeURIComponent(ref.slice(2))
      .split("/")
      .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    return undefined;
  }
}
