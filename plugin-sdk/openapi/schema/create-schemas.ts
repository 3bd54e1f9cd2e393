import { checkContributedSchema } from "../../manifest/index.ts";
import type { Notes } from "../notes.ts";
import { lookUp, type Place, refOf } from "../resolve.ts";
import { type Fields, isFields } from "../value.ts";
import { convertSchema, type Direction } from "./convert.ts";
import { fit } from "./fit.ts";
import { createOrder } from "./order.ts";
import { anything, type Component, type Shape, type Size } from "./shape.ts";
import { sizeOf, toJsonSchema } from "./to-json-schema.ts";

/** How large what goes in and what comes out may be described. */
export type Limits = { readonly [D in Direction]: Size };

export interface Schemas {
  /** What a schema of the description says, in the terms of the plugin's own; noted is what gets lost. */
  shapeOf(place: Place, direction: Direction): Shape;
  /** Makes a shape no larger than a schema of an action may be. */
  fit(shape: Shape, direction: Direction, pointer: string): Shape;
}

/** GitHub's whole description takes some 300,000. */
const maxSteps = 3_000_000;

/** A schema of the description is converted once for each direction, however often it is named. */
export function createSchemas(document: Fields, o: { notes: Notes; limits: Limits }): Schemas {
  const order = createOrder(document);
  const named: { [D in Direction]: Map<string, Shape> } = { input: new Map(), output: new Map() };
  const waiting: string[] = [];
  const done = { input: 0, output: 0 };
  let steps = 0;

  /** Converts what `ref` names before `ref` itself; so no chain of names is deep. */
  function prepare(ref: string, direction: Direction): void {
    waiting.push(...order.of(ref));
    for (; done[direction] < waiting.length; done[direction] += 1) {
      const one = waiting[done[direction]];
      if (one !== undefined) named[direction].set(one, convertNamed(one, direction));
    }
  }

  function convertNamed(ref: string, direction: Direction): Shape {
    const place = lookUp(document, ref);
    if (!place) return anything;
    const shape = limited(
      convertSchema(place, { ...conversion(direction), within: ref }),
      direction,
      place.pointer,
    );
    if (!deservesName(shape)) return shape;
    const component: Component = { pointer: place.pointer, title: titleOf(ref), shape, size: sizeOf(shape) };
    return { kind: "named", component, options: {} };
  }

  function conversion(direction: Direction) {
    return {
      direction,
      document,
      notes: o.notes,
      spend() {
        steps += 1;
        return steps <= maxSteps;
      },
      isCycle: (from: string, to: string) => order.isCycle(from, to),
      named(ref: string): Shape | undefined {
        return named[direction].get(ref);
      },
    };
  }

  function limited(shape: Shape, direction: Direction, pointer: string): Shape {
    const fitted = fit(shape, o.limits[direction]);
    if (fitted.cuts > 0)
      o.notes.add(
        "simplified",
        pointer,
        direction === "input"
          ? "This input is larger than one plugin should describe; what is nested deepest in it is left open."
          : "This answer is larger than one plugin should describe; what is nested deepest in it is left open.",
      );
    return fitted.shape;
  }

  return {
    shapeOf(place, direction) {
      const ref = refOf(place.value);
      // What is written in place may name schemas as well: all of them have their turn before it.
      for (const one of ref === undefined ? refsOf(place.value) : [ref]) prepare(one, direction);
      return convertSchema(place, { ...conversion(direction), within: undefined });
    },
    fit(shape, direction, pointer) {
      const fitted = limited(shape, direction, pointer);
      const [problem] = checkContributedSchema(toJsonSchema(fitted, direction === "input"));
      if (!problem) return fitted;
      // The rules for plugins' schemas have the last word: what they refuse is left open, and said.
      o.notes.add("simplified", pointer, "This cannot be said in a plugin's schemas; any value is taken.");
      return anything;
    },
  };
}

function refsOf(schema: unknown): string[] {
  const refs: string[] = [];
  const open = [schema];
  const seen = new Set<unknown>();
  while (open.length > 0) {
    const one = open.pop();
    // Anchors of YAML make one value stand in many places, maybe within itself.
    if (seen.has(one)) continue;
    seen.add(one);
    if (Array.isArray(one)) open.push(...one);
    if (!isFields(one)) continue;
    const ref = refOf(one);
    if (ref !== undefined) refs.push(ref);
    open.push(...Object.values(one).filter((value) => typeof value === "object" && value !== null));
  }
  return refs;
}

/** What is a word or two needs no constant to stand for it. */
function deservesName(shape: Shape): boolean {
  if (shape.kind === "enum") return shape.values.length > 5;
  if (shape.kind === "union") return shape.members.length > 2 || shape.members.some(deservesName);
  return shape.kind === "object" && shape.properties.length > 0;
}

function titleOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}
