import { copyPlainJson } from "../plain-json.ts";
import { pointerTo } from "../pointer.ts";
import { shapeCheck } from "../shape-check.ts";
import type { Problem } from "../types.ts";
import { childrenOf } from "./children.ts";
import { createPatternCheck } from "./regexes.ts";
import { vocabulary } from "./vocabulary.ts";
import { SchemaTooHeavy, weigh } from "./weight.ts";

const problemsOfVocabulary = shapeCheck(vocabulary);

/** Generated code is nested as deep as a schema has parts: from about 1,500 on, ajv overflows the stack. */
const maxParts = 1_000;

/** Further parts, of a schema of the host's that a plugin's stands in: see offers/. */
export const hostParts = 50;
const maxUniqueItems = 1_000;
const scalarTypes = ["string", "number", "integer", "boolean", "null"];

/**
 * Checks that a schema written by a plugin is of the allowed subset of JSON Schema 2020-12 and cannot load the host
 * beyond its means: linear-time patterns, no remote or circular references, bounded size and breadth.
 * Pointers are relative to the schema.
 *
 * @param refusePattern given by whoever checks several schemas that share their bounds
 * @param moreParts how many parts it may have beyond those that an author may write
 */
export function checkContributedSchema(
  schema: unknown,
  refusePattern = createPatternCheck(),
  moreParts = 0,
): Problem[] {
  const copied = copyPlainJson(schema);
  if (!("value" in copied)) return copied.problems;
  const problems = problemsOfVocabulary(copied.value);
  if (problems.length > 0) return problems;
  const root = copied.value as Schema;
  const parts = partsOf(root, []);
  if (parts.length > maxParts + moreParts) {
    const message = `This schema has more than ${maxParts} parts; describe less of the value and leave the rest open.`;
    return [{ code: "schema-refused", pointer: "", message }];
  }
  return [
    ...parts.flatMap((part) => [
      ...checkPatterns(part, refusePattern),
      ...checkUniqueItems(part),
      ...checkCondition(part),
    ]),
    ...checkWeight(root, moreParts),
  ];
}

function checkWeight(root: Schema, moreParts: number): Problem[] {
  try {
    weigh(root, moreParts);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaTooHeavy)) throw error;
    return [
      { code: "schema-refused", pointer: "", message: `This schema ${error.message}; make it simpler.` },
    ];
  }
}

type Schema = { readonly [keyword: string]: unknown };
type Part = { schema: Schema; path: (string | number)[] };

/** The schema and all in it, but for the schemas that are just true or false. */
function partsOf(schema: Schema | boolean, path: (string | number)[]): Part[] {
  if (typeof schema === "boolean") return [];
  return [
    { schema, path },
    ...childrenOf(schema).flatMap((child) => partsOf(child.schema, [...path, ...child.path])),
  ];
}

function checkPatterns({ schema, path }: Part, refuse: (pattern: string) => string | undefined): Problem[] {
  const patterns = Object.keys(schema.patternProperties ?? {}).map((pattern) => ({
    pattern,
    at: pointerTo(...path, "patternProperties", pattern),
  }));
  if (typeof schema.pattern === "string")
    patterns.push({ pattern: schema.pattern, at: pointerTo(...path, "pattern") });
  return patterns.flatMap(({ pattern, at }) => {
    const refusal = refuse(pattern);
    if (!refusal) return [];
    return [
      { code: "pattern-refused", pointer: at, message: `Pattern ${JSON.stringify(pattern)} ${refusal}` },
    ];
  });
}

/** Comparing every item with every other is quadratic, and deep if items are. */
function checkUniqueItems({ schema, path }: Part): Problem[] {
  if (schema.uniqueItems !== true) return [];
  const types =
    typeof schema.items === "object" && schema.items && "type" in schema.items ? schema.items.type : [];
  const areScalars =
    [types].flat().length > 0 && [types].flat().every((type) => scalarTypes.includes(String(type)));
  if (areScalars && typeof schema.maxItems === "number" && schema.maxItems <= maxUniqueItems) return [];
  return [
    {
      code: "unique-items-refused",
      pointer: pointerTo(...path, "uniqueItems"),
      message: `uniqueItems is allowed only with maxItems of at most ${maxUniqueItems} and items of a scalar type.`,
    },
  ];
}

/** `if` alone does nothing, and `then` and `else` without it neither: never what was meant. */
function checkCondition({ schema, path }: Part): Problem[] {
  const hasBranch = schema.then !== undefined || schema.else !== undefined;
  if ((schema.if !== undefined) === hasBranch) return [];
  const missing = hasBranch ? "if" : "then";
  const message = `${missing} is missing; if goes with then or else, and they with it.`;
  return [{ code: "missing", pointer: pointerTo(...path, missing), message }];
}
