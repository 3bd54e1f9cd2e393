/** A part of a file, from `start` up to before `end`. */
export interface Range {
  start: number;
  end: number;
}

/**
 * The one range that a `Range` header asks for (RFC 9110, section 14.2). Undefined: the whole file, which is also the answer
 * to several ranges at once and to what is not understood.
 * @returns `"unsatisfiable"` for one that begins behind the end
 */
export function rangeOf(header: string | undefined, size: number): Range | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Number(last);
    return length === 0 || size === 0 ? "unsatisfiable" : { start: Math.max(0, size - length), end: size };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) return "unsatisfiable";
  return { start, end: last === "" ? size : Math.min(size, Number(last) + 1) };
}
