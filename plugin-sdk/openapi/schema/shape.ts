import type { Json } from "../../manifest/index.ts";

/** Keywords that go along with a shape: description, limits, format. */
export type Options = { [keyword: string]: Json };

/**
 * What a value looks like, in the terms that `Type` has. It stands between the description's schemas and the two
 * things made of them: code, and the JSON Schema that this code will make.
 */
export type Shape =
  | { kind: "any"; options: Options }
  | { kind: "scalar"; type: "string" | "number" | "integer" | "boolean" | "null"; options: Options }
  | { kind: "literal"; value: string | number | boolean; options: Options }
  | { kind: "enum"; values: (string | number)[]; options: Options }
  | { kind: "array"; items: Shape; options: Options }
  | { kind: "record"; value: Shape; options: Options }
  | { kind: "union"; members: Shape[]; options: Options }
  | ObjectShape
  | { kind: "named"; component: Component; options: Options };

export interface ObjectShape {
  kind: "object";
  properties: Property[];
  /** What further properties are; absent: as the object's owner has it. */
  further?: Shape | true;
  options: Options;
}

export interface Property {
  name: string;
  shape: Shape;
  isOptional: boolean;
}

/** A schema of the description with a name of its own, which becomes a constant of the plugin. */
export interface Component {
  /** Where it stands in the description. */
  pointer: string;
  /** What its author called it. */
  title: string;
  shape: Shape;
  size: Size;
}

/** What a shape takes as JSON Schema, all that it names included. */
export interface Size {
  /** JSON values: the manifest may have no more than a certain number of them. */
  values: number;
  /** How deep they are nested. */
  depth: number;
}

export const anything: Shape = { kind: "any", options: {} };

export function scalar(
  type: "string" | "number" | "integer" | "boolean" | "null",
  options: Options = {},
): Shape {
  return { kind: "scalar", type, options };
}

export function objectOf(properties: { [name: string]: Shape }, options: Options = {}): ObjectShape {
  return {
    kind: "object",
    properties: Object.entries(properties).map(([name, shape]) => ({ name, shape, isOptional: false })),
    options,
  };
}

/** Adds keywords; a named shape keeps its own, which others see, too. */
export function withOptions(shape: Shape, options: Options): Shape {
  return shape.kind === "named" ? shape : { ...shape, options: { ...shape.options, ...options } };
}

export function nullable(shape: Shape): Shape {
  if (shape.kind === "any" || isNull(shape)) return shape;
  if (shape.kind === "union")
    return shape.members.some(isNull) ? shape : { ...shape, members: [...shape.members, scalar("null")] };
  const { description, default: preset, deprecated } = shape.options;
  const outer: Options = {
    ...(description !== undefined && { description }),
    ...(preset !== undefined && { default: preset }),
    ...(deprecated !== undefined && { deprecated }),
  };
  const rest = Object.entries(shape.options).filter(([keyword]) => !Object.hasOwn(outer, keyword));
  const inner = shape.kind === "named" ? shape : { ...shape, options: Object.fromEntries(rest) };
  return { kind: "union", members: [inner, scalar("null")], options: outer };
}

const isNull = (shape: Shape): boolean => shape.kind === "scalar" && shape.type === "null";

/** The shape that a name stands for. */
export function unnamed(shape: Shape): Exclude<Shape, { kind: "named" }> {
  let current = shape;
  while (current.kind === "named") current = current.component.shape;
  return current;
}
