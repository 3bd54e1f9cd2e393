import type { Json } from "../manifest/index.ts";

/**
 * A delivery's body as plugins and handshakes see it: a form as an object of texts, with a list where a name comes more than
 * once; else what JSON it is, whatever its type says, for some vendors send JSON as text; undefined when it is neither.
 */
export function readBody(rawBody: string, contentType = ""): Json | undefined {
  if (/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType)) return readForm(rawBody);
  try {
    return JSON.parse(rawBody);
  } catch {
    return undefined;
  }
}

function readForm(rawBody: string): Json {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(rawBody)) {
    const before = fields.get(name);
    if (Array.isArray(before)) before.push(value);
    else fields.set(name, before === undefined ? value : [before, value]);
  }
  return Object.fromEntries(fields);
}
