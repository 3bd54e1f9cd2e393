import type { EntityContribution } from "@plugboard/plugin-sdk/manifest";
import type { Json } from "@plugboard/sandbox";

/** `filter[email]` in a query. */
export const filterName = "^filter\\[[^\\[\\]]{1,200}\\]$";

/**
 * The filters of a query, each as the type that its schema says. What is no number where one is asked for stays text, and
 * is refused with all else that does not fit.
 */
export function readFilter(
  query: { [name: string]: unknown },
  schema: EntityContribution["filter"],
): { [field: string]: Json } {
  const known = schema?.properties;
  const fields = Object.entries(query).flatMap(([name, value]): [string, Json][] => {
    const [, field] = /^filter\[(.*)\]$/.exec(name) ?? [];
    return field === undefined ? [] : [[field, typed(String(value), typesOf(known, field))]];
  });
  return Object.fromEntries(fields);
}

function typesOf(properties: unknown, field: string): unknown[] {
  if (typeof properties !== "object" || properties === null || !Object.hasOwn(properties, field)) return [];
  const property: unknown = (properties as { [name: string]: unknown })[field];
  return typeof property === "object" && property !== null && "type" in property
    ? [property.type].flat()
    : [];
}

function typed(text: string, types: unknown[]): Json {
  if (types.includes("string")) return text;
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  const isNumber = types.includes("number") || types.includes("integer");
  return isNumber && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}
