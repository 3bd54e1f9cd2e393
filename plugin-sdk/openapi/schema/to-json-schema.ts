import type { Json } from "../../manifest/index.ts";
import type { Shape, Size } from "./shape.ts";

type JsonSchema = { [keyword: string]: Json };

/** The JSON Schema that the code of a shape makes: as `Type` writes it, and closed as `action()` closes an input. */
export function toJsonSchema(shape: Shape, closed: boolean): JsonSchema {
  const inner = (one: Shape): JsonSchema => toJsonSchema(one, closed);
  switch (shape.kind) {
    case "any":
      return { ...shape.options };
    case "scalar":
      return { type: shape.type, ...shape.options };
    case "literal":
      return { type: typeof shape.value, const: shape.value, ...shape.options };
    case "enum":
      return {
        type: [...new Set(shape.values.map((value) => typeof value))],
        enum: shape.values,
        ...shape.options,
      };
    case "array":
      return { type: "array", items: inner(shape.items), ...shape.options };
    case "record":
      return { type: "object", additionalProperties: inner(shape.value), ...shape.options };
    case "union":
      return { anyOf: shape.members.map(inner), ...shape.options };
    case "named":
      return inner(shape.component.shape);
    case "object": {
      const required = shape.properties.filter((one) => !one.isOptional).map(({ name }) => name);
      const further = shape.further === true || !shape.further ? shape.further : inner(shape.further);
      return {
        type: "object",
        properties: Object.fromEntries(shape.properties.map((one) => [one.name, inner(one.shape)])),
        ...(required.length > 0 && { required }),
        ...shape.options,
        ...(further !== undefined
          ? { additionalProperties: further }
          : closed && { additionalProperties: false }),
      };
    }
  }
}

/** The size of {@link toJsonSchema}'s result, without making it. */
export function sizeOf(shape: Shape): Size {
  const options = countValues(shape.options) - 1;
  switch (shape.kind) {
    case "any":
      return { values: 1 + options, depth: 1 };
    case "scalar":
      return { values: 2 + options, depth: 2 };
    case "literal":
      return { values: 3 + options, depth: 2 };
    case "enum":
      return { values: 5 + shape.values.length + options, depth: 3 };
    case "array":
      return around([shape.items], 2 + options, 1);
    case "record":
      return around([shape.value], 2 + options, 1);
    case "union":
      return around(shape.members, 2 + options, 2);
    case "named":
      return shape.component.size;
    case "object": {
      const required = shape.properties.filter((one) => !one.isOptional).length;
      const further = shape.further === true || !shape.further ? [] : [shape.further];
      return around([...shape.properties.map((one) => one.shape), ...further], 5 + required + options, 2);
    }
  }
}

function around(children: Shape[], own: number, levels: number): Size {
  let values = own;
  let depth = 1;
  for (const child of children) {
    const size = sizeOf(child);
    values += size.values;
    depth = Math.max(depth, size.depth);
  }
  return { values, depth: depth + levels };
}

function countValues(value: Json): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, one) => sum + countValues(one), 1);
}
