import type { JsonSchema } from "../types.ts";
import { childrenOf } from "./children.ts";
import { fileFormat } from "./vocabulary.ts";

/**
 * The ids of files that stand in a value where its schema asks for a file. A value that fits the schema in one of several
 * ways hands over what any of them asks for.
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
    if (at.format === fileFormat && typeof part === "string") found.add(part);
    if (typeof at.$ref === "string") look(definitions?.[at.$ref.slice("#/$defs/".length)] ?? true, part);
    for (const { schema: inner, applies } of childrenOf(at)) {
      if (applies === "here") look(inner, part);
      else if (applies === "toChildren") for (const child of childrenOfValue(part)) look(inner, child);
      else if (applies !== "nowhere") look(inner, propertyOf(part, applies.toProperty));
    }
  }

  look(schema, value);
  return [...found];
}

function childrenOfValue(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as { [name: string]: unknown })[name]
    : undefined;
}
