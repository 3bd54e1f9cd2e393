import { Ajv2020 } from "ajv/dist/2020.js";
import { problemsOf } from "../ajv-problems.ts";
import { copyPlainJson } from "../plain-json.ts";
import { pointerTo } from "../pointer.ts";
import type { Problem } from "../types.ts";
import { childrenOf } from "./children.ts";
import { refusePattern } from "./regexes.ts";
import { vocabulary } from "./vocabulary.ts";
import { SchemaTooHeavy, weigh } from "./weight.ts";

const matchesVocabulary = new Ajv2020({
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
}).compile<{ [keyword: string]: unknown }>(vocabulary);

const maxUniqueItems = 1_000;
const scalarTypes = ["string", "number", "integer", "boolean", "null"];

/**
 * Checks that a schema written by a plugin is of the allowed subset of JSON Schema 2020-12 and cannot load the host
 * beyond its means: linear-time patterns, no remote or circular references, bounded size and breadth.
 * Pointers are relative to the schema.
 */
export function checkContributedSchema(schema: unknown): Problem[] {
  const copied = copyPlainJson(schema);
  if (!("value" in copied)) return copied.problems;
  const root: unknown = copied.value;
  if (!matchesVocabulary(root)) return problemsOf(matchesVocabulary.errors ?? [], { describe: true });
  return [...checkParts(root, []), ...checkWeight(root)];
}

function checkWeight(root: { [keyword: string]: unknown }): Problem[] {
  try {
    weigh(root);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaTooHeavy)) throw error;
    return [
      { code: "schema-refused", pointer: "", message: `This schema ${error.message}; make it simpler.` },
    ];
  }
}

function checkParts(
  schema: { readonly [keyword: string]: unknown } | boolean,
  path: (string | number)[],
): Problem[] {
  if (typeof schema === "boolean") return [];
  const patterns: [string, (string | number)[]][] = Object.keys(schema.patternProperties ?? {}).map(
    (pattern) => [pattern, [...path, "patternProperties", pattern]],
  );
  if (typeof schema.pattern === "string") patterns.push([schema.pattern, [...path, "pattern"]]);
  return [
    ...patterns.flatMap(([pattern, at]) => {
      const refusal = refusePattern(pattern);
      const message = `Pattern ${JSON.stringify(pattern)} ${refusal}`;
      return refusal ? [{ code: "pattern-refused", pointer: pointerTo(...at), message }] : [];
    }),
    ...checkUniqueItems(schema, path),
    ...checkCondition(schema, path),
    ...childrenOf(schema).flatMap((child) => checkParts(child.schema, [...path, ...child.path])),
  ];
}

/** Comparing every item with every other is quadratic, and deep if items are. */
function checkUniqueItems(
  schema: { readonly [keyword: string]: unknown },
  path: (string | number)[],
): Problem[] {
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
function checkCondition(
  schema: { readonly [keyword: string]: unknown },
  path: (string | number)[],
): Problem[] {
  const hasBranch = schema.then !== undefined || schema.else !== undefined;
  if ((schema.if !== undefined) === hasBranch) return [];
  const missing = hasBranch ? "if" : "then";
  const message = `${missing} is missing; if goes with then or else, and they with it.`;
  return [{ code: "missing", pointer: pointerTo(...path, missing), message }];
}
