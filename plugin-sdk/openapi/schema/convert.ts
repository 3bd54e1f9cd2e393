import type { Notes } from "../notes.ts";
import { below } from "../pointer.ts";
import { lookUp, type Place, refOf } from "../resolve.ts";
import { at, type Fields, fieldsAt, isFields, listAt } from "../value.ts";
import { mergeSchemas } from "./merge.ts";
import { convertObject } from "./object.ts";
import { limitsOf, presentation } from "./options.ts";
import { anything, nullable, type Shape, scalar, withOptions } from "./shape.ts";
import { convertUnion } from "./union.ts";

/** Whether a value is handed to the API or comes from it: some properties are for one of them only. */
export type Direction = "input" | "output";

/** What a conversion stands on. */
export interface Conversion {
  direction: Direction;
  document: Fields;
  notes: Notes;
  /** The named schema that is being converted; undefined for one written in place. */
  within: string | undefined;
  isCycle(from: string, to: string): boolean;
  /** Counts what was done for all schemas together: a short text can mean a very long one. */
  spend(): boolean;
  /** A named schema that was converted before. */
  named(ref: string): Shape | undefined;
}

/** A conversion at one level of nesting. */
export interface Step extends Conversion {
  depth: number;
  /** The named schemas that were taken apart to get here. */
  opened: readonly string[];
  convert(place: Place, deeper?: Partial<Pick<Step, "opened">>): Shape;
  /** `$ref` and `allOf` resolved into keywords. */
  flatten(place: Place): { schema: Fields; opened: readonly string[] } | undefined;
}

const maxDepth = 24;
const maxMembers = 100;
/** Schemas that one named schema may take apart: with `allOf` of `allOf`, a short text can mean a very long one. */
const maxSteps = 2_500;

/** What a schema says, in the terms of {@link Shape}. What these cannot say is noted, and left open. */
export function convertSchema(place: Place, conversion: Conversion): Shape {
  let steps = 0;

  function convert(here: Place, depth: number, opened: readonly string[]): Shape {
    const { value, pointer } = here;
    steps += 1;
    if (depth > maxDepth || steps > maxSteps || !conversion.spend())
      return left(pointer, "This is nested too deep or too often; what is below it is left open.");
    if (value === true || value === undefined) return anything;
    if (!isFields(value)) return left(pointer, "This is not a schema; any value is taken.");
    const ref = refOf(value);
    const alone = aloneIn(value);
    if (alone !== undefined) {
      const shape = convertRef(alone, here);
      return value.nullable === true ? nullable(shape) : shape;
    }
    const step: Step = {
      ...conversion,
      depth,
      opened,
      convert: (inner, deeper) => convert(inner, depth + 1, deeper?.opened ?? opened),
      flatten: (inner) => flatten(inner, opened),
    };
    const flat =
      ref === undefined && at(value, "allOf") === undefined
        ? { schema: value, opened }
        : flatten(here, opened);
    if (!flat) return left(pointer, "This refers to itself or to nothing; any value is taken.");
    return convertFlat({ value: flat.schema, pointer }, { ...step, opened: flat.opened });
  }

  function convertRef(ref: string, { pointer }: Place): Shape {
    if (!ref.startsWith("#/"))
      return left(pointer, "This refers to another file; put all into one file first. Any value is taken.");
    if (conversion.within !== undefined && conversion.isCycle(conversion.within, ref))
      return left(pointer, "This refers back to what it is part of; from here on any value is taken.");
    const shape = lookUp(conversion.document, ref) && conversion.named(ref);
    return shape ?? left(pointer, "This refers to nothing; any value is taken.");
  }

  /** Takes `$ref` and `allOf` apart, as deep as they go. */
  function flatten(
    here: Place,
    opened: readonly string[],
  ): { schema: Fields; opened: readonly string[] } | undefined {
    const parts: Fields[] = [];
    const seen = new Set<unknown>();
    const names = new Set(opened);
    const open: Place[] = [here];
    for (let one = open.shift(); one; one = open.shift()) {
      if (seen.has(one.value)) continue;
      seen.add(one.value);
      if (seen.size > maxMembers) {
        left(here.pointer, "This is put together of too many parts; the first of them count.");
        break;
      }
      if (!isFields(one.value)) continue;
      const ref = refOf(one.value);
      if (ref !== undefined) {
        if (conversion.within === ref || (opened.includes(ref) && conversion.isCycle(ref, ref))) {
          left(one.pointer, "This refers back to what it is part of; that part is left out.");
          continue;
        }
        const target = lookUp(conversion.document, ref);
        if (!target) left(one.pointer, "This refers to nothing; any value is taken.");
        else open.unshift(target);
        names.add(ref);
      }
      parts.push(one.value);
      open.push(
        ...listAt(one.value, "allOf").map((value, index) => ({
          value,
          pointer: below(one.pointer, "allOf", index),
        })),
      );
    }
    const { merged, lost } = mergeSchemas(parts);
    if (lost.length > 0)
      left(
        here.pointer,
        `Parts of allOf say different things of ${lost.sort().join(", ")}; the first one counts.`,
      );
    return parts.length > 0 ? { schema: merged, opened: [...names] } : undefined;
  }

  function left(pointer: string, reason: string): Shape {
    conversion.notes.add("simplified", pointer, reason);
    return anything;
  }

  return convert(place, 0, []);
}

const besideRef = ["$ref", "allOf", "description", "title", "summary", "example", "nullable", "deprecated"];

/** The one name that a schema stands for: beside a `$ref`, or an `allOf` of one, there may be text that changes nothing. */
function aloneIn(schema: Fields): string | undefined {
  if (!Object.keys(schema).every((keyword) => besideRef.includes(keyword) || keyword.startsWith("x-")))
    return undefined;
  const refs = [refOf(schema), ...listAt(schema, "allOf").map(refOf)];
  const found = refs.filter((ref) => ref !== undefined);
  return found.length === 1 && refs.length === (refOf(schema) === undefined ? 2 : 1) ? found[0] : undefined;
}

function convertFlat(place: Place<Fields>, step: Step): Shape {
  const { value: schema } = place;
  const shape = withOptions(convertKind(place, step), presentation(schema, step.direction));
  return schema.nullable === true ? nullable(shape) : shape;
}

function convertKind(place: Place<Fields>, step: Step): Shape {
  const { value: schema, pointer } = place;
  noteUnknown(place, step);
  if (at(schema, "const") !== undefined) return ofValues([schema.const], step, pointer);
  if (Array.isArray(at(schema, "enum"))) return ofValues(listAt(schema, "enum"), step, pointer);
  if (listAt(schema, "oneOf").length > 0) return convertUnion(place, "oneOf", step);
  if (listAt(schema, "anyOf").length > 0) return convertUnion(place, "anyOf", step);
  const types = typesOf(schema);
  const [type] = types;
  if (type === undefined) return anything;
  if (types.length === 1) return convertType(type, place, step);
  const others = types.filter((one) => one !== "null");
  const [only, ...more] = others.map((one) => convertType(one, place, step));
  if (!only) return scalar("null");
  const shape: Shape = more.length === 0 ? only : { kind: "union", members: [only, ...more], options: {} };
  return others.length < types.length ? nullable(shape) : shape;
}

function convertType(type: string, place: Place<Fields>, step: Step): Shape {
  const { value: schema, pointer } = place;
  const options = limitsOf(place, type, step);
  switch (type) {
    case "object":
      return convertObject(place, step, options);
    case "array":
      return {
        kind: "array",
        items: step.convert({ value: at(schema, "items"), pointer: below(pointer, "items") }),
        options,
      };
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "null":
      return scalar(type, options);
    default:
      step.notes.add("simplified", pointer, "This has a type that is none of JSON's; any value is taken.");
      return anything;
  }
}

/** Many descriptions leave out the type where other keywords tell it. */
function typesOf(schema: Fields): string[] {
  const type = at(schema, "type");
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return [...new Set(type.filter((one) => typeof one === "string"))];
  if (schema.properties !== undefined || isFields(at(schema, "additionalProperties"))) return ["object"];
  if (schema.items !== undefined) return ["array"];
  return schema.pattern !== undefined || schema.maxLength !== undefined ? ["string"] : [];
}

/** The API may answer with a value that is new since; so only what it is handed must be one of them. */
function ofValues(all: readonly unknown[], step: Step, pointer: string): Shape {
  const values = [...new Set(all)];
  const known = values.filter(isPlain);
  const hasNull = values.includes(null);
  if (known.length + (hasNull ? 1 : 0) < values.length || known.length > 1000) {
    step.notes.add(
      "simplified",
      pointer,
      "The allowed values are too many, or not all plain; any value is taken.",
    );
    return anything;
  }
  const types = [...new Set(known.map((value) => typeof value))];
  const listed = known.filter((value) => typeof value !== "boolean");
  const shape = (): Shape => {
    const [first] = known;
    if (first === undefined) return scalar("null");
    if (listed.length < known.length && known.length > 1)
      return types.length === 1 ? scalar("boolean") : anything;
    if (step.direction === "output") {
      const [type, ...more] = types;
      return more.length === 0 && type !== undefined
        ? scalar(type as "string" | "number" | "boolean")
        : anything;
    }
    return known.length === 1
      ? { kind: "literal", value: first, options: {} }
      : { kind: "enum", values: listed, options: {} };
  };
  return hasNull ? nullable(shape()) : shape();
}

function isPlain(value: unknown): value is string | number | boolean {
  if (typeof value === "string") return value.isWellFormed() && value.length <= 1_000;
  return typeof value === "number" || typeof value === "boolean";
}

/** What may be written and cannot be said. Annotations, and what other functions read, are not among them. */
const unsaid = [
  "not",
  "if",
  "dependentSchemas",
  "dependentRequired",
  "patternProperties",
  "propertyNames",
  "contains",
  "prefixItems",
  "unevaluatedItems",
];

function noteUnknown({ value: schema, pointer }: Place<Fields>, step: Step): void {
  for (const keyword of unsaid) {
    if (at(schema, keyword) === undefined) continue;
    step.notes.add("simplified", below(pointer, keyword), `"${keyword}" is not checked.`);
  }
  if (Object.keys(fieldsAt(schema, "$defs")).length > 0 && step.depth > 0 && at(schema, "$id") !== undefined)
    step.notes.add("simplified", below(pointer, "$id"), '"$id" is not followed.');
}
