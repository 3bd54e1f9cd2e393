/** An error that plugin code may meet: made afresh, of the frozen intrinsics, with a stable code. */
export function codedError(code: string, message: string, extra: Record<string, unknown> = {}): Error {
  const error = new Error(message);
  for (const [key, value] of Object.entries({ code, ...extra }))
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
  return error;
}

export const needsBinary = (what: string): Error =>
  codedError("permission-not-granted", `${what} needs the "binary" permission; declare it in plugin.json.`);

/** What the web calls DOMException "AbortError"; vendors' code looks at `name`. */
export function namedError(name: string, message: string): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", {
    value: name,
    writable: true,
    enumerable: false,
    configurable: true,
  });
  return error;
}
