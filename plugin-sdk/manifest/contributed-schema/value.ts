import type { Problem } from "../types.ts";

const maxDepth = 128;

/** Counts the values in a JSON document, without recursion; refuses what no validator should be handed. */
export function measureValue(root: unknown): { values: number } | { problem: Problem } {
  let values = 0;
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth)
      return { problem: problem("too-deep", `The value is nested deeper than ${maxDepth} levels.`) };
    const next: unknown[] = [];
    for (const value of level) {
      values += 1;
      if (typeof value !== "object" || value === null) continue;
      if (Array.isArray(value)) for (const item of value) next.push(item);
      else {
        if (Object.hasOwn(value, "__proto__")) {
          return { problem: problem("forbidden-name", "The value has a property __proto__; remove it.") };
        }
        for (const item of Object.values(value)) next.push(item);
      }
    }
    level = next;
  }
  return { values };
}

function problem(code: string, message: string): Problem {
  return { code, pointer: "", message };
}
