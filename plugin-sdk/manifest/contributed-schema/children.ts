type Schema = { readonly [keyword: string]: unknown };

/** A subschema, and whether it applies to the same value as its parent, to one named child, or to any child. */
export interface Child {
  path: (string | number)[];
  schema: Schema | boolean;
  applies: "here" | { toProperty: string } | "toChildren" | "nowhere";
}

const single = {
  not: "here",
  if: "here",
  // biome-ignore lint/suspicious/noThenProperty: the keyword's name, in a table that is never awaited
  then: "here",
  else: "here",
  additionalProperties: "toChildren",
  items: "toChildren",
  contains: "toChildren",
  propertyNames: "toChildren",
} as const;
const lists = { allOf: "here", anyOf: "here", oneOf: "here", prefixItems: "toChildren" } as const;
const maps = { dependentSchemas: "here", patternProperties: "toChildren", $defs: "nowhere" } as const;

/** What a keyword of a schema has in it: one schema, a list of them, or several by name; undefined for all else. */
export function schemasUnder(keyword: string): "one" | "list" | "names" | undefined {
  if (Object.hasOwn(single, keyword)) return "one";
  if (Object.hasOwn(lists, keyword)) return "list";
  return keyword === "properties" || Object.hasOwn(maps, keyword) ? "names" : undefined;
}

/** The direct subschemas of a schema that has the shape of the vocabulary. */
export function childrenOf(schema: Schema): Child[] {
  const children: Child[] = [];
  for (const [keyword, applies] of Object.entries(single)) {
    const value = schema[keyword];
    if (isSchema(value)) children.push({ path: [keyword], schema: value, applies });
  }
  for (const [keyword, applies] of Object.entries(lists)) {
    const value = schema[keyword];
    if (!Array.isArray(value)) continue;
    for (const [index, item] of value.entries()) {
      if (isSchema(item)) children.push({ path: [keyword, index], schema: item, applies });
    }
  }
  for (const [keyword, applies] of Object.entries(maps))
    children.push(...namedChildren(schema, keyword, () => applies));
  children.push(...namedChildren(schema, "properties", (name) => ({ toProperty: name })));
  return children;
}

function namedChildren(
  schema: Schema,
  keyword: string,
  applies: (name: string) => Child["applies"],
): Child[] {
  const value = schema[keyword];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    isSchema(item) ? [{ path: [keyword, name], schema: item, applies: applies(name) }] : [],
  );
}

function isSchema(value: unknown): value is Schema | boolean {
  return typeof value === "boolean" || (typeof value === "object" && value !== null && !Array.isArray(value));
}
