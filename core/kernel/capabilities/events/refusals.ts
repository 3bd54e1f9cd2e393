import { CapabilityError } from "../errors.ts";
import type { EventLimits } from "./limits.ts";

export function ended(): CapabilityError {
  return new CapabilityError("event-aborted", "The call that asked for this has ended.");
}

export function tooManyOfCall(most: number): CapabilityError {
  return new CapabilityError("events-limit-exceeded", `A call may publish ${most} events; this one has.`);
}

export function overQuota(what: "rate" | "bytes", limits: EventLimits): CapabilityError {
  return what === "rate"
    ? new CapabilityError(
        "events-limit-exceeded",
        `The plugin may publish ${limits.eventsPerMinute} events in a minute for this tenant; it has. Repeat it later.`,
        "eventsPerMinute",
      )
    : new CapabilityError(
        "events-limit-exceeded",
        `The events of the plugin that this tenant's log keeps may take ${limits.eventStorageBytes} bytes; they do. Old ones go with time.`,
        "eventStorageBytes",
      );
}
