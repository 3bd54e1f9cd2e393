import type { Capability } from "@plugboard/sandbox";
import type { EventSource } from "../../../tables.ts";
import type { EventQuota, Events } from "../../events/index.ts";
import { createCallOperations } from "../call-operations.ts";
import type { DatabaseShare } from "../database-share.ts";
import type { OpenCapability } from "../open-capability.ts";
import { createTurns } from "../turns.ts";
import { checkPublish, checkSize, type Told } from "./arguments.ts";
import type { EventLimits } from "./limits.ts";
import { ended, overQuota, tooManyOfCall } from "./refusals.ts";
import { type StagedEvents, stageEvents } from "./staged.ts";

export interface EventCall {
  tenantId: string;
  /** From the manifest: exact types, or all below one (`payment.*`). */
  types: readonly string[];
  source: Extract<EventSource, { plugin: string }>;
  limits: EventLimits;
}

/** What plugins tell their tenants. One for the process: it knows what is under way. */
export interface PluginEvents {
  /** The `events` of one call. */
  open(call: EventCall): OpenCapability;
  /** The `events` of one call that may yet be given up: what it tells is told when it is applied. */
  stage(call: EventCall): StagedEvents;
}

export function createPluginEvents(options: {
  events: Pick<Events, "publish" | "findTold">;
  share: DatabaseShare;
}): PluginEvents {
  const { events, share } = options;
  const turnOf = createTurns({ share });

  /** `tell` stores one event, or keeps it, and gives its id. */
  function capability(call: EventCall, tell: (event: Told) => Promise<string>): OpenCapability {
    const { tenantId, types, source, limits } = call;
    const operations = createCallOperations({
      // What one call has waiting is as much as it may publish at all.
      turn: turnOf(
        { tenantId, installId: source.installId },
        { operations: Number.POSITIVE_INFINITY, busy: tooManyOfCall },
      ),
      ended,
    });
    let published = 0;
    const publish: Capability = async (payload, { signal }) => {
      // What is refused counts too: to look at it takes the host's time as well.
      if (published >= limits.events) throw tooManyOfCall(limits.events);
      published++;
      const event = checkPublish(payload, types, limits);
      return { id: await operations.run(signal, () => tell(event)) };
    };
    publish.checkSize = (size) => checkSize(size, limits);
    return { functions: { "events.publish": publish }, close: operations.close };
  }

  return {
    open(call) {
      const { tenantId, source, limits } = call;
      return capability(call, async (event) => {
        const published = await events.publish({ ...event, tenantId, source }, quotaOf(limits));
        if (!("id" in published)) throw overQuota(published.outcome, limits);
        return published.id;
      });
    },

    stage: (call) => stageEvents({ ...call, events, quota: quotaOf(call.limits), capability }),
  };
}

function quotaOf({ eventsPerMinute, eventStorageBytes }: EventLimits): EventQuota {
  return { perMinute: eventsPerMinute, bytes: eventStorageBytes };
}
