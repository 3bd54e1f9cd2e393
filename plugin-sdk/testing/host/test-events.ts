import { type Capability, CapabilityError, type Json, type Payload } from "@plugboard/sandbox";
import type { PublishedEvent } from "../published-event.ts";
import { checkJson, checkText, listOf, membersOf, refusalOf } from "./arguments.ts";
import { hostLimits } from "./limits.ts";

/** What one install has published, in memory, as a host keeps it in its database. */
export interface TestEvents {
  /** Each fact once, in order. */
  published: PublishedEvent[];
  /** The `events` of one call. */
  open(): { [name: string]: Capability };
  /** What the host itself tells, such as what a trigger has found. */
  tell(type: string, data: Json): void;
  /** Runs work whose events are told only when it succeeds, as those of an install or upgrade hook are. */
  staged<Result>(work: () => Promise<Result>): Promise<Result>;
}

const typeForm = /^[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*$/;
const maxTypeLength = 100;
const maxKeyLength = 256;
const refuse = refusalOf("event-invalid-argument");

export function createTestEvents(o: {
  /** As permissions.events.publish has them now: exact types, or all below one (`payment.*`). */
  types(): readonly string[];
  /** Hears of each fact, once. */
  heard?(event: PublishedEvent): void;
}): TestEvents {
  const published: PublishedEvent[] = [];

  function append(type: string, data: Json, dedupeKey: string | undefined): Json {
    const first = published.find((one) => dedupeKey !== undefined && one.dedupeKey === dedupeKey);
    if (first) return { id: first.id };
    const id = `evt_${published.length + 1}`;
    const event = { id, type, data, ...(dedupeKey !== undefined && { dedupeKey }) };
    published.push(event);
    o.heard?.(event);
    return { id };
  }

  return {
    published,
    tell: (type, data) => void append(type, data, undefined),
    async staged(work) {
      const before = published.length;
      try {
        return await work();
      } catch (error) {
        published.length = before;
        throw error;
      }
    },
    open() {
      let told = 0;
      return {
        "events.publish": async (payload) => {
          if (told >= hostLimits.eventsPerCall)
            throw new CapabilityError(
              "events-limit-exceeded",
              `A call may publish ${hostLimits.eventsPerCall} events; this one has.`,
            );
          told++;
          const [type, data, options] = listOf(payload, 3, refuse);
          const checkedType = checkType(type, o.types());
          const checkedData = checkData(data);
          const { dedupeKey } = membersOf(options, ["dedupeKey"], refuse);
          return append(checkedType, checkedData, checkDedupeKey(dedupeKey));
        },
      };
    },
  };
}

function checkType(type: Payload | undefined, granted: readonly string[]): string {
  if (typeof type !== "string" || type.length > maxTypeLength || !typeForm.test(type))
    throw refuse("An event's type is dotted words in lower case, such as payment.succeeded.");
  const isGranted = granted.some((pattern) =>
    pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern,
  );
  if (isGranted && !/^plugboard(?:\.|$)/.test(type)) return type;
  throw new CapabilityError(
    "event-not-granted",
    `permissions.events.publish does not cover "${type}"; it has ${granted.join(", ")}.`,
  );
}

function checkData(data: Payload | undefined): Json {
  const json = checkJson(data, "The data", refuse);
  refuseUnstorable(json);
  const bytes = Buffer.byteLength(JSON.stringify(json));
  if (bytes <= hostLimits.eventBytes) return json;
  throw new CapabilityError(
    "event-too-large",
    `An event's data may take ${hostLimits.eventBytes} bytes as JSON; this takes ${bytes}.`,
  );
}

function checkDedupeKey(key: Payload | undefined): string | undefined {
  if (key === undefined) return undefined;
  const text = checkText(key, "A dedupeKey", maxKeyLength, refuse);
  if (text === "") throw refuse(`A dedupeKey has 1 to ${maxKeyLength} characters, not 0.`);
  refuseUnstorable(text);
  return text;
}

/** A host's database takes neither NUL nor half a surrogate pair in an event. */
function refuseUnstorable(value: Json): void {
  if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed()))
    throw refuse("An event has no text with NUL or with half a character in it.");
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    refuseUnstorable(name);
    refuseUnstorable(item);
  }
}
