import { checkContributedSchema, isDeceptive } from "../../manifest/index.ts";
import { below } from "../pointer.ts";
import type { Place } from "../resolve.ts";
import { firstParagraph, plainText } from "../text.ts";
import { at, type Fields, fieldsAt, numberAt, textAt } from "../value.ts";
import type { Direction, Step } from "./convert.ts";
import type { Options } from "./shape.ts";

const formats = new Set(
  "date-time date time duration email hostname ipv4 ipv6 uri uri-reference uuid json-pointer".split(" "),
);
/** They tell a programmer which type to use, and say no more than the type does; bytes have their own handling. */
const plainFormats = new Set(
  "int32 int64 float double number decimal string password byte binary".split(" "),
);

const maxPatternLength = 200;
const maxDescriptionLength = 240;

/** What a person reads who is to fill in the value. Answers go without: nobody fills them in. */
export function presentation(schema: Fields, direction: Direction): Options {
  if (direction === "output") return {};
  const description = plainText(firstParagraph(textAt(schema, "description")), maxDescriptionLength);
  const preset = at(schema, "default");
  const isPlain = ["string", "number", "boolean"].includes(typeof preset);
  return {
    ...(description !== undefined && { description }),
    ...(isPlain && isFit(preset) && { default: preset }),
    ...(schema.deprecated === true && { deprecated: true }),
  };
}

function isFit(value: unknown): value is string | number | boolean {
  return typeof value !== "string" || (value.length <= 200 && value.isWellFormed() && !isDeceptive(value));
}

/**
 * The limits on a value. The API's answers are not held to them: a date in a form of its own, or a name that is longer
 * than it was, is no reason to fail.
 */
export function limitsOf(place: Place<Fields>, type: string, step: Step): Options {
  if (step.direction === "output") return {};
  if (type === "string")
    return {
      ...countsOf(place.value, ["minLength", "maxLength"]),
      ...patternOf(place, step),
      ...formatOf(place, step),
    };
  if (type === "number" || type === "integer") return boundsOf(place.value);
  if (type === "array")
    return { ...countsOf(place.value, ["minItems", "maxItems"]), ...uniqueOf(place, step) };
  return type === "object" ? countsOf(place.value, ["minProperties", "maxProperties"]) : {};
}

function countsOf(schema: Fields, keywords: string[]): Options {
  const counts = keywords.map((keyword) => [keyword, numberAt(schema, keyword)] as const);
  return Object.fromEntries(
    counts.flatMap(([keyword, count]) =>
      count !== undefined && Number.isSafeInteger(count) && count >= 0 ? [[keyword, count]] : [],
    ),
  );
}

/** In OpenAPI 3.0 `exclusiveMinimum: true` makes `minimum` exclusive. */
function boundsOf(schema: Fields): Options {
  const options: Options = {};
  for (const [bound, exclusive] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    const limit = numberAt(schema, bound);
    const other = numberAt(schema, exclusive);
    if (limit !== undefined) options[at(schema, exclusive) === true ? exclusive : bound] = limit;
    if (other !== undefined) options[exclusive] = other;
  }
  const step = numberAt(schema, "multipleOf");
  // Fractions are not exact in binary: 0.07 is no multiple of 0.01 there.
  if (step !== undefined && step > 0 && Number.isInteger(step)) options.multipleOf = step;
  return options;
}

function patternOf({ value, pointer }: Place<Fields>, step: Step): Options {
  const pattern = textAt(value, "pattern");
  if (pattern === undefined) return {};
  const isUsable =
    pattern.length <= maxPatternLength && checkContributedSchema({ type: "string", pattern }).length === 0;
  if (isUsable) return { pattern };
  step.notes.add(
    "simplified",
    below(pointer, "pattern"),
    "This pattern cannot be checked in linear time, or is too long; it is not checked.",
  );
  return {};
}

function formatOf({ value, pointer }: Place<Fields>, step: Step): Options {
  const format = textAt(value, "format");
  if (format === undefined) return {};
  if (formats.has(format)) return { format };
  if (!plainFormats.has(format))
    step.notes.add(
      "simplified",
      below(pointer, "format"),
      "This format is none that plugins check; it is not checked.",
    );
  return {};
}

function uniqueOf({ value, pointer }: Place<Fields>, step: Step): Options {
  if (value.uniqueItems !== true) return {};
  const most = numberAt(value, "maxItems");
  const type = textAt(fieldsAt(value, "items"), "type");
  const isCheap =
    most !== undefined && most <= 1000 && ["string", "number", "integer", "boolean"].includes(type ?? "");
  if (isCheap) return { uniqueItems: true };
  step.notes.add(
    "simplified",
    below(pointer, "uniqueItems"),
    "That items differ is checked only for short lists of plain values; here it is not checked.",
  );
  return {};
}
