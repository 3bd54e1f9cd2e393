import type { Payload } from "@plugboard/sandbox";
import { CapabilityError } from "../errors.ts";

/** What must be true of a key for a write to happen: nothing, that there is none, or that it has this version. */
export type Expected = { is: "any" } | { is: "absent" } | { is: "version"; version: string };

export interface ListRequest {
  prefix: string;
  limit: number;
  /** The last key of the page before. */
  after: string | undefined;
}

/** A value as it is stored. */
export interface NewValue {
  /** JSON. */
  text: string;
  /** Of key and text, in UTF-8: what counts against the quota. */
  bytes: number;
}

const maxKeyLength = 256;
/** Keys, versions and options as JSON take less, also where each of their letters is escaped. */
const maxArgumentSize = 8 * 1024;
const maxVersionLength = 64;
const defaultPage = 100;
const maxPage = 1_000;

/** Of the arguments of whatever takes no value, before they are parsed. @throws as all below */
export function checkSize(size: number): void {
  if (size > maxArgumentSize) throw invalid(`The arguments take ${size} bytes; no key and no option does.`);
}

/** Of those of `storage.set`. @throws CapabilityError `storage-value-too-large` */
export function checkValueSize(size: number, maxBytes: number): void {
  if (size > maxBytes + maxArgumentSize) throw valueTooLarge(maxBytes, size);
}

/** @throws CapabilityError `storage-invalid-argument`, as all below */
export function checkKey(key: Payload | undefined): string {
  const text = checkText(key, "The key");
  if (text === "") throw invalid(`A key has 1 to ${maxKeyLength} characters, not 0.`);
  return text;
}

/** @throws CapabilityError also `storage-value-too-large` */
export function checkValue(key: string, value: Payload | undefined, maxBytes: number): NewValue {
  if (value === undefined) throw invalid("There is no value; to remove a key, use storage.delete.");
  if (holdsBytes(value)) throw invalid("A value is JSON; bytes have to be written as text, such as base64.");
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw valueTooLarge(maxBytes, bytes);
  return { text, bytes: bytes + Buffer.byteLength(key) };
}

/** Of `storage.set`: a version, or null for a key that must not be there yet. */
export function checkSetOptions(options: Payload | undefined): Expected {
  const { ifVersion } = membersOf(options, ["ifVersion"]);
  if (ifVersion === undefined) return { is: "any" };
  return ifVersion === null ? { is: "absent" } : { is: "version", version: checkVersion(ifVersion) };
}

export function checkDeleteOptions(options: Payload | undefined): string | undefined {
  const { ifVersion } = membersOf(options, ["ifVersion"]);
  return ifVersion === undefined ? undefined : checkVersion(ifVersion);
}

export function checkListOptions(options: Payload | undefined): ListRequest {
  const { prefix, limit = defaultPage, after } = membersOf(options, ["prefix", "limit", "after"]);
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > maxPage)
    throw invalid(`The limit is a whole number from 1 to ${maxPage}.`);
  return {
    prefix: prefix === undefined ? "" : checkText(prefix, "The prefix"),
    limit,
    // What a first page has for its `next` goes as it is into the next request.
    after: after === undefined || after === null ? undefined : checkText(after, '"after"'),
  };
}

/** Plugin code's arguments come as a list. */
export function listOf(payload: Payload, max: number): Payload[] {
  if (!Array.isArray(payload) || payload.length > max)
    throw invalid(`This function takes at most ${max} arguments.`);
  return payload;
}

function checkText(value: Payload | undefined, what: string): string {
  if (typeof value !== "string") throw invalid(`${what} must be a string.`);
  if (value.length > maxKeyLength)
    throw invalid(`${what} has at most ${maxKeyLength} characters, not ${value.length}.`);
  // PostgreSQL stores neither NUL nor half a surrogate pair; the other control characters are nobody's keys.
  if (/\p{Cc}/u.test(value)) throw invalid(`${what} must not have control characters in it.`);
  if (!value.isWellFormed()) throw invalid(`${what} must be well-formed Unicode; it has half a character.`);
  return value;
}

function checkVersion(value: Payload): string {
  if (typeof value !== "string" || value.length > maxVersionLength || !/^[\x21-\x7e]+$/.test(value))
    throw invalid('"ifVersion" must be a version that storage.entry or storage.set has given.');
  return value;
}

function membersOf(options: Payload | undefined, known: string[]): { [name: string]: Payload | undefined } {
  if (options === undefined || options === null) return {};
  if (typeof options !== "object" || Array.isArray(options) || options instanceof Uint8Array)
    throw invalid("The options must be an object.");
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalid(`There is no option "${unknown.slice(0, 64)}"; known: ${known.join(", ")}.`);
  return options;
}

function holdsBytes(value: Payload): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Uint8Array) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some(holdsBytes);
}

function valueTooLarge(maxBytes: number, bytes: number): CapabilityError {
  return new CapabilityError(
    "storage-value-too-large",
    `A value may take ${maxBytes} bytes as JSON; this one takes ${bytes}.`,
  );
}

function invalid(message: string): CapabilityError {
  return new CapabilityError("storage-invalid-argument", message);
}
