import {
  type Encoded,
  type FromWorker,
  innerLimits,
  type Spent,
  type TaskResult,
  type Thrown,
} from "./messages.ts";

/**
 * What a thread sends is only what it claims to be if the walls hold. A structured clone carries no code, so looking
 * at its shape is enough; what has another shape ends the thread.
 */
export function parseFromWorker(raw: unknown): FromWorker | undefined {
  if (!isRecord(raw) || !isNumber(raw.call)) return undefined;
  const { type, call, use } = raw;
  if (type === "log") return isText(raw.line) ? { type, call, line: raw.line } : undefined;
  if (type === "limit") {
    const limit = innerLimits.find((name) => name === raw.limit);
    return limit && { type, call, limit };
  }
  if (!isNumber(use)) return undefined;
  if (type === "cancel") return { type, call, use };
  if (type === "use" && isText(raw.name) && isEncoded(raw.argument))
    return { type, call, use, name: raw.name, argument: raw.argument };
  return undefined;
}

/** Undefined when it is no such message, or a longer one than `max` entries. */
export function parseSpent(raw: unknown, max: number): Spent | undefined {
  if (!isRecord(raw) || raw.type !== "spent") return undefined;
  const { tenants, calls } = raw;
  return isSpent(tenants, max, isText) && isSpent(calls, max, isNumber) ? { tenants, calls } : undefined;
}

function isSpent<K>(value: unknown, max: number, isKey: (key: unknown) => key is K): value is [K, number][] {
  return (
    Array.isArray(value) &&
    value.length <= max &&
    value.every((entry) => Array.isArray(entry) && isKey(entry[0]) && isTime(entry[1]))
  );
}

const failures = ["load-failed", "unknown-target", "output-invalid", "output-too-large", "failed", "ended"];

export function parseResult(raw: unknown): TaskResult | undefined {
  if (!isRecord(raw)) return undefined;
  if (raw.ok === true) return isText(raw.output) ? { ok: true, output: raw.output } : undefined;
  if (raw.ok !== false || !isText(raw.failure) || !failures.includes(raw.failure) || !isThrown(raw.thrown))
    return undefined;
  return raw as TaskResult;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value);
const isTime = (value: unknown): value is number =>
  typeof value === "number" && value >= 0 && Number.isFinite(value);
const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);

/** No argument has more; an array of holes may claim to. */
const MAX_BYTE_ARRAYS = 1_000_000;

const isEncoded = (value: unknown): value is Encoded =>
  isRecord(value) &&
  isText(value.text) &&
  Array.isArray(value.bytes) &&
  value.bytes.length <= MAX_BYTE_ARRAYS &&
  value.bytes.every((bytes) => bytes instanceof Uint8Array);

const isThrown = (value: unknown): value is Thrown =>
  isRecord(value) &&
  isText(value.message) &&
  isTextOrAbsent(value.name) &&
  isTextOrAbsent(value.code) &&
  isTextOrAbsent(value.details) &&
  isTextOrAbsent(value.stack) &&
  (value.retryAfterMs === undefined || typeof value.retryAfterMs === "number");
