import type { JsonSchema } from "../../manifest/index.ts";
import { code, table } from "./markdown.ts";

/** The fields that a schema describes, as a table; those of objects within it by their path. */
export function fieldsOf(schema: JsonSchema | undefined): string[] {
  const rows = schema === undefined ? [] : rowsOf(schema, "");
  return table(["field", "type", "required", "what"], rows);
}

interface Schema {
  type?: string | string[];
  description?: string;
  properties?: { [name: string]: Schema };
  required?: string[];
  items?: Schema | boolean;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  anyOf?: Schema[];
  additionalProperties?: Schema | boolean;
  [keyword: string]: unknown;
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = prefix + name;
    const inside = typeof schema.items === "object" ? schema.items : schema;
    const below = typeof schema.items === "object" ? `${path}[].` : `${path}.`;
    return [
      [code(path), typeOf(schema), required.includes(name) ? "yes" : "no", whatOf(schema)],
      ...rowsOf(inside, below),
    ];
  });
}

/** `string (date-time)`, `list of string`, `"open" or "closed"`. */
function typeOf(schema: Schema): string {
  const { type, items, format, anyOf } = schema;
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(JSON.stringify(value))).join(" or ");
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(" or ");
  if (type === "array" && typeof items === "object") return `list of ${typeOf(items)}`;
  const name = [type ?? "anything"].flat().join(" or ");
  return format ? `${name} (${format})` : name;
}

/** Bounds that a caller has to keep, with the words that the schema says them in. */
const bounds: [keyword: string, say: (value: unknown) => string][] = [
  ["minLength", (value) => `at least ${value} characters`],
  ["maxLength", (value) => `at most ${value} characters`],
  ["minimum", (value) => `from ${value}`],
  ["exclusiveMinimum", (value) => `more than ${value}`],
  ["maximum", (value) => `up to ${value}`],
  ["exclusiveMaximum", (value) => `less than ${value}`],
  ["minItems", (value) => `at least ${value} items`],
  ["maxItems", (value) => `at most ${value} items`],
  ["pattern", (value) => `fits ${code(String(value))}`],
  ["default", (value) => `default ${code(JSON.stringify(value))}`],
];

function whatOf(schema: Schema): string {
  const said = bounds.flatMap(([keyword, say]) =>
    schema[keyword] === undefined ? [] : [say(schema[keyword])],
  );
  return [schema.description, said.join(", ")].filter((part) => part).join("; ");
}
