import { natives } from "../natives.ts";
import { namedError } from "./coded-error.ts";

/** `structuredClone` without `transfer`. Node's error classes stay outside. */
export function structuredClone(value: unknown): unknown {
  try {
    return natives.structuredClone(value);
  } catch {
    throw namedError("DataCloneError", "The value holds something that cannot be cloned.");
  }
}
