import type { Json } from "../../manifest/index.ts";
import { compileContributedSchema } from "../../manifest/index.ts";
import { type Shape, toJsonSchema, unnamed } from "../schema/index.ts";

const byFormat: { [format: string]: string } = {
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  time: "12:00:00Z",
  duration: "P1D",
  email: "someone@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com",
  "uri-reference": "/example",
  uuid: "00000000-0000-4000-8000-000000000000",
  "json-pointer": "/example",
};

const candidates = [
  "text",
  "1",
  "a",
  "A",
  "ab",
  "USD",
  "en",
  "en-US",
  "#000000",
  "text-1",
  "2026-01-31",
  "12:00",
  "00000000-0000-4000-8000-000000000000",
];

/** A value that fits a shape, with what is required and no more; undefined when none is found. */
export function sampleOf(shape: Shape): Json | undefined {
  const value = sample(shape, 0);
  if (value === undefined) return undefined;
  return compileContributedSchema(toJsonSchema(shape, true))(value).length === 0 ? value : undefined;
}

function sample(named: Shape, depth: number): Json | undefined {
  const shape = unnamed(named);
  const preset = shape.options.default;
  if (preset !== undefined && typeof preset !== "object") return preset;
  if (depth > 30) return undefined;
  switch (shape.kind) {
    case "any":
      return "text";
    case "literal":
      return shape.value;
    case "enum":
      return shape.values[0];
    case "array": {
      const least = Number(shape.options.minItems ?? 0);
      const item = least > 0 ? sample(shape.items, depth + 1) : undefined;
      if (least === 0) return [];
      return item === undefined || least > 3 ? undefined : Array.from({ length: least }, () => item);
    }
    case "record":
      return {};
    case "union":
      return shape.members.map((member) => sample(member, depth + 1)).find((value) => value !== undefined);
    case "object": {
      const entries = shape.properties
        .filter((property) => !property.isOptional)
        .map((property) => [property.name, sample(property.shape, depth + 1)] as const);
      return entries.some(([, value]) => value === undefined)
        ? undefined
        : (Object.fromEntries(entries) as { [name: string]: Json });
    }
    case "scalar":
      return scalarSample(shape.type, shape.options);
  }
}

function scalarSample(type: string, options: { [keyword: string]: Json }): Json | undefined {
  if (type === "null") return null;
  if (type === "boolean") return true;
  if (type === "string") return textSample(options);
  const { minimum, exclusiveMinimum, maximum, multipleOf } = options;
  const least = Math.max(
    Number(minimum ?? 0),
    exclusiveMinimum === undefined ? 0 : Number(exclusiveMinimum) + 1,
  );
  const step = Number(multipleOf ?? 1);
  const first = Math.ceil(Math.max(least, 1) / step) * step;
  return maximum === undefined || first <= Number(maximum) ? first : Number(maximum);
}

function textSample(options: { [keyword: string]: Json }): string | undefined {
  const { format, pattern, minLength = 0, maxLength } = options;
  const most = typeof maxLength === "number" ? maxLength : Number.POSITIVE_INFINITY;
  const least = Number(minLength);
  if (least > 200) return undefined;
  const own = typeof format === "string" ? [byFormat[format] ?? ""] : [];
  const sized = [
    ...own,
    ...candidates,
    "text".padEnd(least, "t").slice(0, most),
    "1".repeat(Math.max(1, least)),
    "a".repeat(Math.max(1, least)),
  ];
  const fits = typeof pattern === "string" ? compileContributedSchema({ type: "string", pattern }) : () => [];
  return sized.find((text) => text.length >= least && text.length <= most && fits(text).length === 0);
}
