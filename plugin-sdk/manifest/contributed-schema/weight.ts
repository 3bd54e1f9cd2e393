import { childrenOf } from "./children.ts";

type Schema = { readonly [keyword: string]: unknown };

/** Subschemas after following every `$ref`: what ajv may have to look at. */
const maxExpanded = 20_000;

/** How heavily a schema can load its validator. */
export interface Weight {
  /**
   * An upper bound of the checks that one value, at any place of a document, can cause. With it, checks in total
   * are at most breadth × number of values.
   */
  breadth: number;
}

/** Thrown for a schema that refers to itself, to nothing, or grows too large when references are followed. */
export class SchemaTooHeavy extends Error {}

/** Measures a schema that has the shape of the vocabulary. */
export function weigh(root: Schema, moreParts = 0): Weight {
  let expanded = 0;

  /** Checks caused at the value that `schema` is applied to, and the most at any value below it. */
  function measure(schema: Schema | boolean, following: readonly string[]): { here: number; below: number } {
    expanded += 1;
    if (expanded > maxExpanded + moreParts)
      throw new SchemaTooHeavy("has too many parts when its references are followed");
    if (typeof schema === "boolean") return { here: 1, below: 0 };
    const total = { here: 1 + entriesOf(schema) / 16, below: 0 };
    const byProperty = new Map<string, number>();
    let anyChild = 0;
    let deeper = 0;
    function add(part: { here: number; below: number }) {
      total.here += part.here;
      deeper += part.below;
    }
    if (typeof schema.$ref === "string") add(measure(...resolve(schema.$ref, following)));
    for (const child of childrenOf(schema)) {
      if (child.applies === "nowhere") continue;
      const part = measure(child.schema, following);
      if (child.applies === "here") add(part);
      else {
        const most = Math.max(part.here, part.below);
        if (child.applies === "toChildren") anyChild += most;
        else byProperty.set(child.applies.toProperty, most);
      }
    }
    total.below = deeper + anyChild + Math.max(0, ...byProperty.values());
    return total;
  }

  function resolve(ref: string, following: readonly string[]): [Schema | boolean, readonly string[]] {
    const name = ref.slice("#/$defs/".length);
    if (following.includes(name)) throw new SchemaTooHeavy(`refers to itself through ${ref}`);
    const target = isObject(root.$defs) && Object.hasOwn(root.$defs, name) ? root.$defs[name] : undefined;
    if (typeof target !== "boolean" && !isObject(target))
      throw new SchemaTooHeavy(`refers to ${ref}, which is not there`);
    return [target, [...following, name]];
  }

  const { here, below } = measure(root, []);
  return { breadth: Math.ceil(Math.max(here, below)) };
}

/** Entries that are compared one by one: properties, required names, allowed values. */
function entriesOf(schema: Schema): number {
  let entries = 0;
  for (const keyword of ["enum", "required", "properties", "patternProperties", "dependentRequired"]) {
    const value = schema[keyword];
    if (typeof value === "object" && value !== null) entries += Object.keys(value).length;
  }
  return entries;
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
