/** The `format`s that schemas may name; formats.ts says what each accepts. */
export const formatNames = [
  "date-time",
  "date",
  "time",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uri",
  "uri-reference",
  "uuid",
  "json-pointer",
] as const;

/** A file that is handed over: where an input's schema says so, the id there lets the plugin at the file. */
export const fileFormat = "file-id";

const types = ["null", "boolean", "number", "integer", "string", "array", "object"];
const schema = { $ref: "#/$defs/schema" };
const schemas = { type: "array", minItems: 1, maxItems: 200, items: schema };
const namedSchemas = { type: "object", additionalProperties: schema };
const names = { type: "array", maxItems: 1000, uniqueItems: true, items: { type: "string" } };
const count = { type: "integer", minimum: 0 };
const text = { type: "string" };
const number = { type: "number" };

/**
 * The keywords of JSON Schema 2020-12 that plugins may use, as a meta-schema. Left out: what refers elsewhere
 * (`$id`, `$anchor`, `$dynamicRef`, remote `$ref`) and what costs more to evaluate than to write (`unevaluated…`).
 */
export const vocabulary = {
  $ref: "#/$defs/schema",
  $defs: {
    schema: {
      type: ["object", "boolean"],
      additionalProperties: false,
      properties: {
        $schema: { const: "https://json-schema.org/draft/2020-12/schema" },
        $ref: { type: "string", pattern: "^#/\\$defs/[A-Za-z0-9_.-]+$", description: "#/$defs/<name>" },
        $defs: {
          type: "object",
          propertyNames: { pattern: "^[A-Za-z0-9_.-]+$" },
          additionalProperties: schema,
        },
        $comment: text,
        title: text,
        description: text,
        default: true,
        examples: { type: "array" },
        deprecated: { type: "boolean" },
        readOnly: { type: "boolean" },
        writeOnly: { type: "boolean" },
        type: {
          if: { type: "array" },
          // biome-ignore lint/suspicious/noThenProperty: the keyword's name, in a schema that is never awaited
          then: { minItems: 1, uniqueItems: true, items: { type: "string", enum: types } },
          else: { enum: types },
        },
        enum: { type: "array", minItems: 1, maxItems: 1000 },
        const: true,
        minLength: count,
        maxLength: count,
        pattern: { type: "string", maxLength: 512 },
        format: { enum: [...formatNames, fileFormat] },
        minimum: number,
        maximum: number,
        exclusiveMinimum: number,
        exclusiveMaximum: number,
        multipleOf: { type: "number", exclusiveMinimum: 0 },
        properties: namedSchemas,
        patternProperties: { ...namedSchemas, propertyNames: { maxLength: 512 } },
        additionalProperties: schema,
        propertyNames: schema,
        required: names,
        minProperties: count,
        maxProperties: count,
        dependentRequired: { type: "object", additionalProperties: names },
        dependentSchemas: namedSchemas,
        items: schema,
        prefixItems: schemas,
        contains: schema,
        minContains: count,
        maxContains: count,
        minItems: count,
        maxItems: count,
        uniqueItems: { type: "boolean" },
        allOf: schemas,
        anyOf: schemas,
        oneOf: schemas,
        not: schema,
        if: schema,
        // biome-ignore lint/suspicious/noThenProperty: the keyword's name, in a schema that is never awaited
        then: schema,
        else: schema,
      },
      dependentRequired: { minContains: ["contains"], maxContains: ["contains"] },
    },
  },
};
