import type { Payload } from "@plugboard/sandbox";
import type { EventSource } from "../../tables.ts";
import type { Events } from "../events/index.ts";
import { createCallOperations } from "./call-operations.ts";
import type { DatabaseShare } from "./database-share.ts";
import { CapabilityError } from "./errors.ts";
import type { OpenCapability } from "./open-capability.ts";
import { createTurns } from "./turns.ts";

export interface EventLimits {
  /** Of one event's data as JSON, in bytes → `event-too-large`. */
  eventBytes: number;
  /** Events that one call may publish → `events-limit-exceeded`. */
  events: number;
}

export const defaultEventLimits: EventLimits = { eventBytes: 64 * 1024, events: 100 };

/** What plugins tell their tenants. One for the process: it knows what is under way. */
export interface PluginEvents {
  /** The `events` of one call. */
  open(call: {
    tenantId: string;
    /** From the manifest: exact types, or all below one (`payment.*`). */
    types: readonly string[];
    source: Extract<EventSource, { plugin: string }>;
    limits: EventLimits;
  }): OpenCapability;
}

/** The host's own, whatever a manifest says. */
const reserved = "plugboard";
const typeForm = /^[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*$/;
const maxTypeLength = 100;
const maxKeyLength = 256;

export function createPluginEvents(options: {
  events: Pick<Events, "append">;
  share: DatabaseShare;
}): PluginEvents {
  const { events, share } = options;
  const turnOf = createTurns({ share });

  return {
    open({ tenantId, types, source, limits }) {
      const operations = createCallOperations({
        // What one call has waiting is as much as it may publish at all.
        turn: turnOf(
          { tenantId, installId: source.installId },
          { operations: Number.POSITIVE_INFINITY, busy: full },
        ),
        ended: () => new CapabilityError("event-aborted", "The call that asked for this has ended."),
      });
      let published = 0;

      return {
        functions: {
          "events.publish": async (payload, { signal }) => {
            const { type, data, dedupeKey } = checkPublish(payload, types, limits);
            if (published >= limits.events) throw full(limits.events);
            published++;
            const { id } = await operations.run(signal, () =>
              events.append({ tenantId, type, source, data, dedupeKey }),
            );
            return { id };
          },
        },
        close: operations.close,
      };
    },
  };
}

function checkPublish(payload: Payload, granted: readonly string[], limits: EventLimits) {
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
  if (bytes > limits.eventBytes)
    throw new CapabilityError(
      "event-too-large",
      `An event's data may take ${limits.eventBytes} bytes as JSON; this takes ${bytes}.`,
    );
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

function full(most: number): CapabilityError {
  return new CapabilityError("events-limit-exceeded", `A call may publish ${most} events; this one has.`);
}

function invalid(message: string): CapabilityError {
  return new CapabilityError("event-invalid-argument", message);
}
