import { at, type Fields, fieldsAt, isFields, listAt, textsAt } from "../value.ts";

/** Keywords that say nothing about a value. */
const annotations = new Set(["title", "description", "default", "example", "examples", "deprecated"]);

/** Combined by hand; of the rest the first one counts. */
const combined = new Set([
  "properties",
  "required",
  "additionalProperties",
  "nullable",
  "enum",
  "allOf",
  "$ref",
]);

/**
 * One schema that says what several say together, as far as that can be said without `allOf`. The first is the outer
 * one: what it says of itself (description, nullable) goes before what it builds on.
 *
 * @returns the keywords, too, of which one had to give way to another
 */
export function mergeSchemas(schemas: Fields[]): { merged: Fields; lost: string[] } {
  const [outer = {}, ...inner] = schemas;
  const lost = new Set<string>();
  const merged = new Map<string, unknown>();
  for (const schema of schemas) {
    for (const [keyword, value] of Object.entries(schema)) {
      if (combined.has(keyword) || keyword === "__proto__") continue;
      if (schema !== outer && keyword === "discriminator") continue;
      const there = merged.get(keyword);
      if (there === undefined) merged.set(keyword, value);
      else if (!annotations.has(keyword) && !keyword.startsWith("x-") && !isSame(there, value))
        lost.add(keyword);
    }
  }
  const properties = mergeProperties(schemas);
  if (properties.size > 0) merged.set("properties", Object.fromEntries(properties));
  const required = [...new Set(schemas.flatMap((schema) => textsAt(schema, "required")))];
  if (required.length > 0) merged.set("required", required);
  const further = schemas
    .map((schema) => at(schema, "additionalProperties"))
    .filter((one) => one !== undefined);
  // Each part that is closed would refuse the properties of the others: what is meant is all of them together.
  const open = further.find((one) => one !== false);
  if (open !== undefined) merged.set("additionalProperties", open);
  const enums = schemas
    .filter((schema) => Array.isArray(at(schema, "enum")))
    .map((schema) => listAt(schema, "enum"));
  const [first, ...others] = enums;
  if (first)
    merged.set(
      "enum",
      first.filter((value) => others.every((values) => values.includes(value))),
    );
  const isNullable =
    outer.nullable === true || (inner.length > 0 && inner.every((schema) => schema.nullable === true));
  if (isNullable) merged.set("nullable", true);
  return { merged: Object.fromEntries(merged), lost: [...lost] };
}

function mergeProperties(schemas: Fields[]): Map<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const schema of schemas) {
    for (const [name, property] of Object.entries(fieldsAt(schema, "properties"))) {
      const there = merged.get(name);
      if (there === undefined || isSame(there, property) || isEmpty(there)) merged.set(name, property);
      else if (!isEmpty(property)) merged.set(name, { allOf: [there, property] });
    }
  }
  merged.delete("__proto__");
  return merged;
}

const isEmpty = (schema: unknown): boolean =>
  isFields(schema) && Object.keys(schema).every((keyword) => annotations.has(keyword));

/** Equal, as far as that is cheap to tell. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isFields(one) || !isFields(other))
    return Array.isArray(one) && Array.isArray(other) && isSameList(one, other);
  const refs = [at(one, "$ref"), at(other, "$ref")];
  return (
    refs[0] !== undefined && refs[0] === refs[1] && Object.keys(one).length === Object.keys(other).length
  );
}

function isSameList(one: unknown[], other: unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
