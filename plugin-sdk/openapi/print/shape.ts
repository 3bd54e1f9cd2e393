import type { Component, Options, Shape } from "../schema/index.ts";
import { array, type Code, call, jsonCode, object } from "./code.ts";

/** The constant that stands for a named schema. */
export type NameOf = (component: Component) => string;

/** `Type.Object({ … })` */
export function shapeCode(shape: Shape, nameOf: NameOf): Code {
  const inner = (one: Shape): Code => shapeCode(one, nameOf);
  const options = optionsCode(shape.options);
  switch (shape.kind) {
    case "any":
      return call("Type.Unknown", ...options);
    case "scalar":
      return call(
        `Type.${{ string: "String", number: "Number", integer: "Integer", boolean: "Boolean", null: "Null" }[shape.type]}`,
        ...options,
      );
    case "literal":
      return call("Type.Literal", jsonCode(shape.value), ...options);
    case "enum":
      return call("Type.Enum", jsonCode(shape.values), ...options);
    case "array":
      return call("Type.Array", inner(shape.items), ...options);
    case "record":
      return call("Type.Record", inner(shape.value), ...options);
    case "union":
      return call("Type.Union", array(shape.members.map(inner)), ...options);
    case "named":
      return nameOf(shape.component);
    case "object": {
      const further =
        shape.further === undefined
          ? []
          : [{ key: "additionalProperties", value: shape.further === true ? "true" : inner(shape.further) }];
      const entries = [
        ...Object.entries(shape.options).map(([key, value]) => ({ key, value: jsonCode(value) })),
        ...further,
      ];
      return call(
        "Type.Object",
        object(
          shape.properties.map((one) => ({
            key: one.name,
            value: one.isOptional ? call("Type.Optional", inner(one.shape)) : inner(one.shape),
          })),
        ),
        ...(entries.length > 0 ? [object(entries)] : []),
      );
    }
  }
}

function optionsCode(options: Options): Code[] {
  const entries = Object.entries(options).map(([key, value]) => ({ key, value: jsonCode(value) }));
  return entries.length > 0 ? [object(entries)] : [];
}

/** The named schemas that shapes are made of, each after those that it is made of itself. */
export function componentsOf(shapes: Shape[]): Component[] {
  const found = new Set<Component>();
  const visit = (shape: Shape): void => {
    if (shape.kind === "named") {
      if (found.has(shape.component)) return;
      visit(shape.component.shape);
      found.add(shape.component);
    } else if (shape.kind === "array") visit(shape.items);
    else if (shape.kind === "record") visit(shape.value);
    else if (shape.kind === "union") shape.members.forEach(visit);
    else if (shape.kind === "object") {
      for (const property of shape.properties) visit(property.shape);
      if (typeof shape.further === "object") visit(shape.further);
    }
  };
  shapes.forEach(visit);
  return [...found];
}
