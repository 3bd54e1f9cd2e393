import type { ActionModel } from "../model/action-model.ts";
import type { EntityModel } from "../model/entities.ts";
import { createNamer, isTakenName, pascalCase } from "../names.ts";
import { type Component, type Shape, toJsonSchema } from "../schema/index.ts";
import { print } from "./code.ts";
import { componentsOf, type NameOf, shapeCode } from "./shape.ts";

/** The constants of schemas.ts: each named schema that is used, once, after those that it is made of. */
export interface NamedSchemas {
  nameOf: NameOf;
  /** The file's text; empty when no schema has a name. */
  file: string;
}

/**
 * Gives names to the schemas that have one in the description. What goes in may differ from what comes out; then it is
 * called `…Input`.
 */
export function nameSchemas(actions: ActionModel[], entities: EntityModel[]): NamedSchemas {
  const outputs = componentsOf([
    ...actions.map(({ output }) => output),
    ...entities.map(({ record }) => record),
  ]);
  const inputs = componentsOf([
    ...actions.map(({ input }) => input),
    ...entities.flatMap(({ input, filter }) =>
      [input, filter].filter((shape): shape is NonNullable<typeof shape> => shape !== undefined),
    ),
  ]);
  const nameOnce = createNamer("", isTakenName);
  const names = new Map<Component, string>();
  const written = new Map<string, string>();
  const lines: string[] = [];
  const nameOf: NameOf = (component) => names.get(component) ?? "Type.Unknown()";

  function add(component: Component, suffix: string): void {
    if (names.has(component)) return;
    const key = `${component.pointer}\n${JSON.stringify(toJsonSchema(component.shape, false))}`;
    const there = written.get(key);
    const name = there ?? nameOnce(pascalCase(component.title, "Schema") + suffix);
    names.set(component, name);
    if (there !== undefined) return;
    written.set(key, name);
    const lead = `export const ${name} = `;
    lines.push(`${lead}${print(shapeCode(component.shape, nameOf), { indent: 0, column: lead.length })};\n`);
  }

  for (const component of outputs) add(component, "");
  const taken = new Set(outputs.map(({ pointer }) => pointer));
  for (const component of inputs) add(component, taken.has(component.pointer) ? "Input" : "");
  const head =
    'import { Type } from "@plugboard/plugin-sdk";\n\n// What the API calls by these names, as its description has them.\n\n';
  return { nameOf, file: lines.length === 0 ? "" : head + lines.join("\n") };
}

/** The named schemas that code refers to. */
export function namesIn(shapes: Shape[], nameOf: NameOf): string[] {
  const names = new Set<string>();
  const visit = (shape: Shape): void => {
    if (shape.kind === "named") names.add(nameOf(shape.component));
    else if (shape.kind === "array") visit(shape.items);
    else if (shape.kind === "record") visit(shape.value);
    else if (shape.kind === "union") shape.members.forEach(visit);
    else if (shape.kind === "object") {
      for (const property of shape.properties) visit(property.shape);
      if (typeof shape.further === "object") visit(shape.further);
    }
  };
  shapes.forEach(visit);
  return [...names];
}

/** `import { a, b } from "…"`, in the order that formatters want. */
export function importLine(names: Iterable<string>, from: string): string {
  const plain = (name: string) => name.replace("type ", "");
  const sorted = [...new Set(names)].sort((a, b) => compareNames(plain(a), plain(b)));
  if (sorted.length === 0) return "";
  const areTypes = sorted.every((name) => name.startsWith("type "));
  const shown = areTypes ? sorted.map(plain) : sorted;
  const line = `import ${areTypes ? "type " : ""}{ ${shown.join(", ")} } from "${from}";\n`;
  if (line.length <= 111) return line;
  return `import ${areTypes ? "type " : ""}{\n${shown.map((name) => `  ${name},\n`).join("")}} from "${from}";\n`;
}

function compareNames(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  if (x !== y) return x < y ? -1 : 1;
  return a < b ? -1 : 1;
}
