/** Why a value cannot leave as data, and where: an RFC 6901 pointer. */
export interface NotPlain {
  pointer: string;
  reason: string;
  /** The limit that it reached, when it was one. */
  limit?: "depth" | "nodes";
}

const notData = new Set<unknown>([Map, Set, WeakMap, WeakSet, Promise, RegExp].map((type) => type.prototype));

/**
 * Looks for what JSON would drop or garble in silence. Reads the value as plugin code made it, so getters and
 * proxies run here, in the thread, on the call's own account; the text made afterwards is what counts.
 */
export function findNotPlain(
  root: unknown,
  limits: { depth: number; nodes: number },
  bytesAllowed = false,
): NotPlain | undefined {
  let nodes = 0;
  const visit = (value: unknown, depth: number): NotPlain | undefined => {
    nodes += 1;
    if (nodes > limits.nodes)
      return { pointer: "", reason: `it has more than ${limits.nodes} values`, limit: "nodes" };
    switch (typeof value) {
      case "function":
      case "symbol":
      case "bigint":
        return { pointer: "", reason: `it is a ${typeof value}` };
      case "number":
        return Number.isFinite(value) ? undefined : { pointer: "", reason: `it is ${value}` };
      case "object":
        return value === null ? undefined : visitObject(value, depth);
      default:
        return undefined;
    }
  };
  const visitObject = (value: object, depth: number): NotPlain | undefined => {
    if (depth >= limits.depth)
      return {
        pointer: "",
        reason: `it is nested deeper than ${limits.depth} levels, or cyclic`,
        limit: "depth",
      };
    if (bytesAllowed && value instanceof Uint8Array) return undefined;
    if (
      notData.has(Reflect.getPrototypeOf(value)) ||
      ArrayBuffer.isView(value) ||
      value instanceof ArrayBuffer
    )
      return { pointer: "", reason: "it is not JSON data" };
    if (typeof (value as { toJSON?: unknown }).toJSON === "function") return undefined;
    for (const key of Object.keys(value)) {
      const problem = visit((value as Record<string, unknown>)[key], depth + 1);
      if (problem)
        return {
          ...problem,
          pointer: `/${key.replace(/~/g, "~0").replace(/\//g, "~1").slice(0, 80)}${problem.pointer}`,
        };
    }
    return undefined;
  };
  return visit(root, 0);
}
