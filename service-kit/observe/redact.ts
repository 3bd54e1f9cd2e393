import { isSensitiveName, redacted, scrubText } from "./sensitive.ts";

const maxDepth = 8;
const maxItems = 100;
const maxTextLength = 16_384;

/**
 * A copy of `value` that is safe to log: secrets replaced (by name at any depth, by form in any
 * text), errors with their causes as plain data, cut in depth and size. It never throws, and reads
 * plain data only: of a socket, a request or another object of a class it shows the class name.
 */
export function redact(value: unknown): unknown {
  return copy(value, 0, []);
}

function copy(value: unknown, depth: number, above: object[]): unknown {
  if (typeof value === "string") return scrubText(cut(value));
  if (typeof value === "bigint") return `${value}`;
  if (typeof value === "symbol" || typeof value === "function") return `[${typeof value}]`;
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "[circular]";
  if (depth >= maxDepth) return "[too deep]";

  above.push(value);
  try {
    return copyObject(value, depth, above);
  } catch (error) {
    return `[unreadable: ${error instanceof Error ? error.name : typeof error}]`;
  } finally {
    above.pop();
  }
}

function copyObject(value: object, depth: number, above: object[]): unknown {
  if (value instanceof Error) return copyError(value, depth, above);
  if (Array.isArray(value)) return copyArray(value, depth, above);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof URL) return scrubText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Headers || value instanceof Map) {
    return copyEntries(
      [...value.entries()].map(([name, item]) => [String(name), item]),
      depth,
      above,
    );
  }
  if (value instanceof Set) return copyArray([...value], depth, above);
  if (!isPlain(value)) return `[${value.constructor?.name || "object"}]`;
  return copyEntries(Object.entries(value), depth, above);
}

function copyEntries(entries: [string, unknown][], depth: number, above: object[]): Record<string, unknown> {
  const clean = entries.slice(0, maxItems).map(([name, item]): [string, unknown] => {
    const secret = isSensitiveName(name) && holdsSecret(item);
    return [name, secret ? redacted : copy(item, depth + 1, above)];
  });
  if (entries.length > maxItems) clean.push(["…", `${entries.length - maxItems} more`]);
  return Object.fromEntries(clean);
}

/** In a list, what follows the name of a secret is one: `["Authorization", "…"]`, as in Node's rawHeaders. */
function copyArray(items: unknown[], depth: number, above: object[]): unknown[] {
  const clean = items.slice(0, maxItems).map((item, i) => {
    const before = items[i - 1];
    return typeof item === "string" &&
      typeof before === "string" &&
      isHeaderName(before) &&
      isSensitiveName(before)
      ? redacted
      : copy(item, depth + 1, above);
  });
  if (items.length > maxItems) clean.push(`… ${items.length - maxItems} more`);
  return clean;
}

/** Own fields of an error are kept when they are data (`code`, `status`, `hostname`); got's request and options are not. */
function copyError(error: Error, depth: number, above: object[]): Record<string, unknown> {
  const clean: Record<string, unknown> = {
    type: error.constructor?.name || error.name,
    message: scrubText(cut(String(error.message))),
    stack: scrubText(cut(String(error.stack))),
  };
  if (error.cause !== undefined) clean.cause = copy(error.cause, depth + 1, above);
  if (error instanceof AggregateError) clean.errors = copy(error.errors, depth + 1, above);
  const own = Object.entries(error).filter(([name]) => !(name in clean) && !heavyErrorFields.has(name));
  return Object.assign(clean, copyEntries(own, depth, above));
}

const heavyErrorFields = new Set(["options", "request", "response", "config", "socket", "timings", "domain"]);

/** Counts, flags and absences under such a name (`tokens: 12`, `password: null`) tell no secret. */
function holdsSecret(value: unknown): boolean {
  return value !== null && value !== undefined && typeof value !== "boolean" && typeof value !== "number";
}

function isHeaderName(text: string): boolean {
  return text.length < 64 && /^[\w-]+$/.test(text);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function cut(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}… (${text.length} characters)` : text;
}
