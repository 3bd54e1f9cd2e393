/** RFC 6901 pointer of a place below another one. */
export function below(pointer: string, ...path: (string | number)[]): string {
  return (
    pointer + path.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")
  );
}
