import type { Payload } from "@plugboard/sandbox";
import { CapabilityError } from "../errors.ts";
import type { EventLimits } from "./limits.ts";

/** The host's own, whatever a manifest says. */
const reserved = "plugboard";
const typeForm = /^[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*$/;
const maxTypeLength = 100;
const maxKeyLength = 256;
/** Type and options as JSON take less, also where each of their letters is escaped. */
const maxRestSize = 8 * 1024;

/** One event, as plugin code has written it. */
export interface Told {
  type: string;
  data: Payload;
  dedupeKey: string | undefined;
}

/** Of the arguments of `events.publish`, before they are parsed. @throws CapabilityError `event-too-large` */
export function checkSize(size: number, { eventBytes }: Pick<EventLimits, "eventBytes">): void {
  if (size > eventBytes + maxRestSize) throw tooLarge(eventBytes, size);
}

/** @throws CapabilityError `event-invalid-argument`, `event-not-granted`, `event-too-large` */
export function checkPublish(
  payload: Payload,
  granted: readonly string[],
  limits: Pick<EventLimits, "eventBytes">,
): Told {
  if (!Array.isArray(payload) || payload.length > 3)
    throw invalid("events.publish takes type, data, options.");
  const [type, data, options] = payload;
  if (typeof type !== "string" || type.length > maxTypeLength || !typeForm.test(type))
    throw invalid("An event's type is dotted words in lower case, such as payment.succeeded.");
  if (!isGranted(type, granted))
    throw new CapabilityError(
      "event-not-granted",
      `permissions.events.publish does not cover "${type}"; it has ${granted.join(", ")}.`,
    );
  if (data === undefined) throw invalid("An event has data; null if there is nothing to say.");
  refuseUnstorable(data);
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > limits.eventBytes) throw tooLarge(limits.eventBytes, bytes);
  return { type, data, dedupeKey: checkOptions(options) };
}

function isGranted(type: string, granted: readonly string[]): boolean {
  if (type === reserved || type.startsWith(`${reserved}.`)) return false;
  return granted.some((pattern) =>
    pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern,
  );
}

function checkOptions(options: Payload | undefined): string | undefined {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== "object" || Array.isArray(options) || options instanceof Uint8Array)
    throw invalid("The options must be an object.");
  const { dedupeKey, ...rest } = options;
  if (Object.keys(rest).length > 0) throw invalid("There is no option but dedupeKey.");
  if (dedupeKey === undefined) return undefined;
  if (typeof dedupeKey !== "string" || dedupeKey.length < 1 || dedupeKey.length > maxKeyLength)
    throw invalid(`A dedupeKey is a string of 1 to ${maxKeyLength} characters.`);
  refuseUnstorable(dedupeKey);
  return dedupeKey;
}

/** PostgreSQL's jsonb takes neither NUL nor half a surrogate pair. */
function refuseUnstorable(value: Payload): void {
  if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed()))
    throw invalid("An event has no text with NUL or with half a character in it.");
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Uint8Array) throw invalid("An event is JSON; write bytes as text, such as base64.");
  for (const [name, item] of Object.entries(value)) {
    if (!Array.isArray(value)) refuseUnstorable(name);
    refuseUnstorable(item);
  }
}

function tooLarge(maxBytes: number, bytes: number): CapabilityError {
  return new CapabilityError(
    "event-too-large",
    `An event's data may take ${maxBytes} bytes as JSON; this takes ${bytes}.`,
  );
}

function invalid(message: string): CapabilityError {
  return new CapabilityError("event-invalid-argument", message);
}
