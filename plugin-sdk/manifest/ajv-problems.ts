import type { ErrorObject } from "ajv";
import { distance } from "fastest-levenshtein";
import { pointerTo } from "./pointer.ts";
import type { Problem } from "./types.ts";

/** Problem code and wording by JSON Schema keyword; what is not listed is `invalid` with ajv's own words. */
const wordings: { [keyword: string]: { code: string; say(error: ErrorObject): string } } = {
  type: { code: "wrong-type", say: ({ params }) => `must be of type ${[params.type].flat().join(" or ")}` },
  enum: {
    code: "not-allowed",
    say: ({ params }) => `must be one of ${params.allowedValues.slice(0, 30).map(quote).join(", ")}`,
  },
  const: { code: "not-allowed", say: ({ params }) => `must be ${quote(params.allowedValue)}` },
  pattern: { code: "wrong-format", say: ({ params }) => `must match the pattern ${params.pattern}` },
  format: { code: "wrong-format", say: ({ params }) => `must have the format ${params.format}` },
  minLength: { code: "too-short", say: ({ params }) => `must have at least ${params.limit} characters` },
  maxLength: { code: "too-long", say: ({ params }) => `must have at most ${params.limit} characters` },
  minItems: { code: "too-few", say: ({ params }) => `must have at least ${params.limit} items` },
  maxItems: { code: "too-many", say: ({ params }) => `must have at most ${params.limit} items` },
  minProperties: { code: "too-few", say: ({ params }) => `must have at least ${params.limit} properties` },
  maxProperties: { code: "too-many", say: ({ params }) => `must have at most ${params.limit} properties` },
  minimum: { code: "too-small", say: ({ params }) => `must be at least ${params.limit}` },
  exclusiveMinimum: { code: "too-small", say: ({ params }) => `must be more than ${params.limit}` },
  maximum: { code: "too-large", say: ({ params }) => `must be at most ${params.limit}` },
  exclusiveMaximum: { code: "too-large", say: ({ params }) => `must be less than ${params.limit}` },
  multipleOf: { code: "not-allowed", say: ({ params }) => `must be a multiple of ${params.multipleOf}` },
  uniqueItems: {
    code: "duplicate-item",
    say: ({ params }) => `must have no item twice; items ${params.j} and ${params.i} are the same`,
  },
  anyOf: { code: "no-alternative", say: () => "fits none of the allowed alternatives" },
  oneOf: { code: "no-alternative", say: () => "must fit exactly one of the allowed alternatives" },
  discriminator: {
    code: "not-allowed",
    say: ({ params, parentSchema }) =>
      `must have a ${params.tag} that is one of ${tagsOf(parentSchema, params.tag)}`,
  },
  required: { code: "missing", say: () => "is missing" },
  dependentRequired: { code: "missing", say: ({ params }) => `is missing, which ${params.property} needs` },
  additionalProperties: { code: "unknown-field", say: ({ parentSchema }) => unknownField(parentSchema) },
  "false schema": { code: "not-allowed", say: () => "must not be present" },
};

/** Keywords that only repeat, one level up, what their inner errors say. */
const echoes = new Set(["if", "propertyNames"]);

/**
 * Turns ajv's errors (made with `allErrors`, `verbose`) into problems, each once. With `describe`, a schema's
 * `description` is given as what was expected: only for schemas of ours.
 */
export function problemsOf(errors: ErrorObject[], options: { describe: boolean }): Problem[] {
  const problems = new Map<string, Problem>();
  for (const error of errors) {
    if (isEcho(error)) continue;
    const problem = toProblem(error, options.describe);
    problems.set(`${problem.pointer} ${problem.message}`, problem);
  }
  return [...problems.values()];
}

function isEcho({ keyword, params }: ErrorObject): boolean {
  return echoes.has(keyword) || (keyword === "discriminator" && params.tagValue === undefined);
}

function toProblem(error: ErrorObject, describe: boolean): Problem {
  const wording = wordings[error.keyword];
  const place = placeOf(error);
  const said = wording ? wording.say(error) : (error.message ?? "is not valid");
  const described = describe ? descriptionOf(error) : undefined;
  return {
    code: wording?.code ?? "invalid",
    pointer: place,
    message: `${nameOf(place)} ${said}${described ? `; expected ${described}` : ""}.${describe ? hintOf(error) : ""}`,
  };
}

/** For a misspelt name: the allowed one that is nearest. */
function hintOf({ keyword, data, params }: ErrorObject): string {
  if (keyword !== "enum" || typeof data !== "string") return "";
  const allowed: unknown[] = params.allowedValues;
  const [nearest] = allowed
    .filter((one) => typeof one === "string")
    .map((name) => ({
      name,
      edits: distance(data.slice(0, maxNameLength).toLowerCase(), name.toLowerCase()),
    }))
    .filter(({ name, edits }) => edits <= Math.max(2, name.length / 3))
    .sort((a, b) => a.edits - b.edits);
  return nearest ? ` Did you mean ${quote(nearest.name)}?` : "";
}

/** Comparing costs the product of both lengths, and no name is longer. */
const maxNameLength = 100;

/** A problem of one property is at that property, also if it is missing, unknown or misnamed. */
function placeOf(error: ErrorObject): string {
  const { missingProperty, additionalProperty, tag } = error.params;
  const property: unknown = missingProperty ?? additionalProperty ?? tag ?? error.propertyName;
  return typeof property === "string" ? error.instancePath + pointerTo(property) : error.instancePath;
}

function descriptionOf(error: ErrorObject): string | undefined {
  const schema =
    error.keyword === "required"
      ? error.parentSchema?.properties?.[error.params.missingProperty]
      : error.parentSchema;
  return error.keyword === "additionalProperties" ? undefined : schema?.description;
}

function unknownField(parentSchema: ErrorObject["parentSchema"]): string {
  const known = Object.keys(parentSchema?.properties ?? {});
  return known.length === 0 || known.length > 30
    ? "is not a known field; remove it"
    : `is not a known field; known here are ${known.join(", ")}`;
}

function tagsOf(parentSchema: ErrorObject["parentSchema"], tag: string): string {
  const alternatives: { properties: { [name: string]: { const?: unknown } } }[] = parentSchema?.oneOf ?? [];
  return alternatives.map((one) => quote(one.properties[tag]?.const)).join(", ");
}

function quote(value: unknown): string {
  return JSON.stringify(value);
}

/** The last name in a pointer, with the places in lists below it: `hosts[0]` for `/permissions/network/3/hosts/0`. */
function nameOf(pointer: string): string {
  const tokens = pointer.split("/").slice(1);
  const indexes: string[] = [];
  while (/^\d+$/.test(tokens.at(-1) ?? "")) indexes.unshift(`[${tokens.pop()}]`);
  const name = tokens.at(-1)?.replaceAll("~1", "/").replaceAll("~0", "~") ?? "The value";
  return `${name}${indexes.join("")}`;
}
