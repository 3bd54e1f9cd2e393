/** RFC 6901 JSON Pointer of a place: `pointerTo("permissions", "network", 0)` is `/permissions/network/0`. */
export function pointerTo(...path: (string | number)[]): string {
  return path.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
