import type { Json } from "@plugboard/sandbox";
import type { Operation } from "fast-json-patch";

/** In the place of what is not kept. */
const left = "(not kept)";

/** As fields are called, or a place in a list. What else a member is called may be data: an address that something is kept under. */
const fieldName = /^(?:[A-Za-z_$][A-Za-z_$-]{0,62}\d{0,2}|0|[1-9]\d{0,3}|-)$/;

/**
 * What is kept of a change to a request or reply. Header values and queries may be keys of the tenant's company, and texts
 * cannot be told apart: of these only that they changed. Of JSON what the hook wrote, and not what stood there before, which
 * a patch repeats where items move, nor names of members that are no fields' names: nobody masks data to find it in the
 * record of that.
 */
export function withoutTraffic(operations: readonly Operation[], before: Json): Operation[] {
  const known = new Set<Json>();
  collect(before, known);
  // Where there was none before, it was made of the text.
  const hadJson = typeof before === "object" && before !== null && "json" in before;
  return operations.map((operation) => {
    const isJson = hadJson && /^\/json(?:\/|$)/.test(operation.path);
    const kept = isJson ? { ...operation, path: withoutNames(operation.path) } : operation;
    if (!("value" in kept)) return kept;
    return { ...kept, value: isJson ? withoutKnown(kept.value, known) : left };
  });
}

function collect(value: Json, into: Set<Json>): void {
  if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) collect(item, into);
  else if (typeof value === "string" || typeof value === "number") into.add(value);
}

function withoutKnown(value: Json, known: ReadonlySet<Json>): Json {
  if (Array.isArray(value)) return value.map((item) => withoutKnown(item, known));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [nameOf(name), withoutKnown(item, known)]),
    );
  return known.has(value) ? left : value;
}

/** Of a JSON Pointer. */
function withoutNames(path: string): string {
  return path
    .split("/")
    .map((name, depth) => (depth === 0 ? name : nameOf(name)))
    .join("/");
}

const nameOf = (name: string): string => (fieldName.test(name) ? name : left);
