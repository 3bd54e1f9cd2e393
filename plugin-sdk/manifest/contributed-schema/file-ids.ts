import type { JsonSchema } from "../types.ts";
import { type Child, childrenOf } from "./children.ts";
import { formats } from "./formats.ts";
import { fileFormat } from "./vocabulary.ts";

/**
 * The ids of files that stand in a value where its schema asks for a file. A value that fits the schema in one of several
 * ways hands over what any of them asks for; a text that can be no file's id, nothing.
 *
 * @param schema one that checkContributedSchema lets through
 * @param value one that fits it
 */
export function findFileIds(schema: JsonSchema, value: unknown): string[] {
  // Nearly none has one.
  if (!JSON.stringify(schema).includes(`"${fileFormat}"`)) return [];
  const found = new Set<string>();
  const definitions = schema.$defs as { [name: string]: JsonSchema | boolean } | undefined;

  function look(at: JsonSchema | boolean, part: unknown): void {
    if (typeof at === "boolean" || part === undefined) return;
    if (at.format === fileFormat && typeof part === "string" && formats[fileFormat](part)) found.add(part);
    if (typeof at.$ref === "string") look(definitions?.[at.$ref.slice("#/$defs/".length)] ?? true, part);
    for (const child of childrenOf(at)) for (const one of appliedTo(child, at, part)) look(child.schema, one);
  }

  look(schema, value);
  return [...found];
}

/** What of a value a subschema may ask for a file: not what another one of its place is for. */
function appliedTo({ path: [keyword, at], applies }: Child, parent: JsonSchema, value: unknown): unknown[] {
  if (applies === "nowhere" || keyword === "not" || keyword === "propertyNames") return [];
  if (applies === "here") return [value];
  if (typeof applies === "object") return [propertyOf(value, applies.toProperty)];
  if (typeof value !== "object" || value === null) return [];
  const { prefixItems, properties } = parent;
  if (keyword === "prefixItems") return [propertyOf(value, String(at))];
  if (keyword === "items")
    return Object.values(value).slice(Array.isArray(prefixItems) ? prefixItems.length : 0);
  if (keyword !== "additionalProperties") return Object.values(value);
  return Object.entries(value).flatMap(([name, one]) => (Object.hasOwn(properties ?? {}, name) ? [] : [one]));
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as { [name: string]: unknown })[name]
    : undefined;
}
