import { anything, type Shape, type Size } from "./shape.ts";
import { sizeOf } from "./to-json-schema.ts";

/**
 * Makes a shape no larger than it may be: what is nested in it gets an equal share each, what one does not need goes
 * to the others, and what needs more is left open. So what is small and near the top stays whole.
 */
export function fit(shape: Shape, limit: Size): { shape: Shape; cuts: number } {
  let cuts = 0;

  function shrink(one: Shape, values: number, depth: number): Shape {
    const size = sizeOf(one);
    if (size.values <= values && size.depth <= depth) return one;
    const opened = open(one);
    if (one.kind === "array") {
      const items = shrink(one.items, values - 2, depth - 1);
      return depth < 3 || values < 4 ? cut(opened) : { ...one, items };
    }
    if (one.kind === "record") {
      return depth < 3 || values < 4
        ? cut(opened)
        : { ...one, value: shrink(one.value, values - 2, depth - 1) };
    }
    if (one.kind !== "object" && one.kind !== "union") return cut(opened);
    const children = one.kind === "union" ? one.members : one.properties.map(({ shape: child }) => child);
    const own = size.values - children.reduce((sum, child) => sum + sizeOf(child).values, 0);
    // A union of which one member is left open says nothing: then all of it is.
    const least = one.kind === "union" ? 3 : 1;
    if (depth < 5 || values < own + children.length * least) return cut(opened);
    const fitted = share(children, values - own, depth - 2);
    if (one.kind === "union") return { ...one, members: fitted };
    const properties = one.properties.map((property, index) => ({
      ...property,
      shape: fitted[index] ?? anything,
    }));
    return { ...one, properties };
  }

  function share(children: Shape[], values: number, depth: number): Shape[] {
    const bySize = children
      .map((child, index) => ({ child, index, size: sizeOf(child).values }))
      .sort((a, b) => a.size - b.size || a.index - b.index);
    const fitted: Shape[] = [];
    let left = values;
    for (const [taken, { child, index }] of bySize.entries()) {
      const shrunk = shrink(child, Math.floor(left / (bySize.length - taken)), depth);
      left -= sizeOf(shrunk).values;
      fitted[index] = shrunk;
    }
    return fitted;
  }

  function cut(opened: Shape): Shape {
    cuts += 1;
    return opened;
  }

  return { shape: shrink(shape, limit.values, limit.depth), cuts };
}

/** The least that can be said of a shape and is still true. */
function open(shape: Shape): Shape {
  if (shape.kind === "named") return open(shape.component.shape);
  const isOfObjects = shape.kind === "object" || shape.kind === "record";
  if (isOfObjects) return { kind: "record", value: anything, options: {} };
  return shape.kind === "array" ? { kind: "array", items: anything, options: {} } : anything;
}
