import { CapabilityError, type Json, type Payload } from "@plugboard/sandbox";

/** Refuses an argument with the code that a host has for it. */
export type Refuse = (message: string) => CapabilityError;

export const refusalOf =
  (code: string): Refuse =>
  (message) =>
    new CapabilityError(code, message);

/** What a method was called with. */
export function listOf(payload: Payload, most: number, refuse: Refuse): Payload[] {
  if (!Array.isArray(payload) || payload.length > most)
    throw refuse(`This function takes at most ${most} arguments.`);
  return payload;
}

/** An options object with no other members than these; null and left out mean none. */
export function membersOf(
  options: Payload | undefined,
  known: string[],
  refuse: Refuse,
): { [name: string]: Payload | undefined } {
  if (options === undefined || options === null) return {};
  if (typeof options !== "object" || Array.isArray(options) || options instanceof Uint8Array)
    throw refuse("The options must be an object.");
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw refuse(`There is no option "${unknown}"; known: ${known.join(", ")}.`);
  return options;
}

/** Text that a database can hold. */
export function checkText(
  value: Payload | undefined,
  what: string,
  maxLength: number,
  refuse: Refuse,
): string {
  if (typeof value !== "string" || value.length > maxLength)
    throw refuse(`${what} must be a string of at most ${maxLength} characters.`);
  if (!value.isWellFormed()) throw refuse(`${what} must be well-formed Unicode; it has half a character.`);
  return value;
}

export function checkJson(value: Payload | undefined, what: string, refuse: Refuse): Json {
  if (value === undefined) throw refuse(`${what} is missing; null if there is nothing to say.`);
  if (holdsBytes(value)) throw refuse(`${what} is JSON; write bytes as text, such as base64.`);
  return value as Json;
}

function holdsBytes(value: Payload): boolean {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Uint8Array || Object.values(value).some(holdsBytes);
}
