import { ExchangeRefusal } from "../refusal.ts";

/** One of what plugin code called a function of `files` with. It may be anything that crosses the boundary. */
export type Argument = unknown;

type Members = { [name: string]: Argument };

const maxListed = 64;
const maxIdLength = 64;
const maxNameLength = 255;

/** RFC 9110, section 8.3.1. */
const mediaType =
  /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}\/[!#$%&'*+.^_`|~0-9a-z-]{1,64}(?:; ?[!#$%&'*+.^_`|~0-9a-z-]{1,32}="?[!#$%&'*+.^_`|~0-9a-z-]{1,64}"?)?$/i;

/** @throws ExchangeRefusal `file-invalid-argument`, as all below */
export function listOf(payload: Argument, most: number): Argument[] {
  if (!Array.isArray(payload) || payload.length > most)
    throw invalid(`This function takes at most ${most} arguments.`);
  return payload;
}

/** An object with no other members than these; left out, it has none. */
export function membersOf(value: Argument, known: readonly string[]): Members {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value) || value instanceof Uint8Array)
    throw invalid("The options must be an object.");
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalid(
      `There is no option ${JSON.stringify(unknown.slice(0, maxListed))}; known: ${known.join(", ")}.`,
    );
  return value as Members;
}

export function checkId(value: Argument): string {
  if (typeof value !== "string" || value === "" || value.length > maxIdLength)
    throw invalid("A file is named by its id, such as fil_0190….");
  return value;
}

/** What a person sees when the file is saved: neither a path nor anything that steers a terminal or a header. */
export function checkName(value: Argument): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string" || value === "" || value.length > maxNameLength)
    throw invalid(`A name has 1 to ${maxNameLength} characters.`);
  if (!value.isWellFormed() || /[\p{Cc}\p{Bidi_Control}/\\]/u.test(value))
    throw invalid("A name has no slashes, backslashes, control characters or halves of characters in it.");
  return value;
}

export function checkContentType(value: Argument): string {
  if (value === undefined || value === null) return unknownType;
  if (typeof value !== "string" || !mediaType.test(value))
    throw invalid("The contentType must be a media type, such as text/csv or text/plain; charset=utf-8.");
  return value;
}

/** Of a vendor's reply: what is none is not said again. */
export function contentTypeOf(headers: readonly (readonly [string, string])[]): string {
  const said = headers.find(([name]) => name === "content-type")?.[1].trim() ?? "";
  return mediaType.test(said) ? said : unknownType;
}

const unknownType = "application/octet-stream";

export function checkContent(value: Argument): Uint8Array {
  if (typeof value === "string") return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  throw invalid('The content must be text, or, with the permission "binary", bytes.');
}

export function checkWhole(value: Argument, what: string, range: { from: number; to: number }): number {
  const { from, to } = range;
  if (typeof value !== "number" || !Number.isInteger(value) || value < from || value > to)
    throw invalid(`${what} must be a whole number from ${from} to ${to}.`);
  return value;
}

export function invalid(message: string): ExchangeRefusal {
  return new ExchangeRefusal("file-invalid-argument", message);
}

export function notFound(id: string): ExchangeRefusal {
  return new ExchangeRefusal(
    "file-not-found",
    `There is no file ${JSON.stringify(id)} for this call: it never was, it is another's and was not handed over, or its time is over.`,
  );
}
