import { newId } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { EventQuota, Events } from "../../events/index.ts";
import type { OpenCapability } from "../open-capability.ts";
import type { Told } from "./arguments.ts";
import type { EventCall } from "./plugin-events.ts";
import { overQuota } from "./refusals.ts";

/** What a plugin tells while it is not yet decided whether it counts. */
export interface StagedEvents {
  /** The `events` of the call whose events are staged. */
  capability: OpenCapability;
  /** Tells them, inside `tx` and together with whatever else it does. @throws CapabilityError `events-limit-exceeded` */
  apply(tx: Kysely<CoreDatabase>): Promise<void>;
}

export function stageEvents(
  options: EventCall & {
    events: Pick<Events, "publish" | "findTold">;
    quota: EventQuota;
    capability(call: EventCall, tell: (event: Told) => Promise<string>): OpenCapability;
  },
): StagedEvents {
  const { events, quota, capability, ...call } = options;
  const { tenantId, source, limits } = call;
  /** As many as one call may publish. */
  const staged = new Map<string, Told>();

  async function idOf({ dedupeKey }: Told): Promise<string> {
    if (dedupeKey === undefined) return newId("evt");
    const told = await events.findTold(tenantId, source.installId, dedupeKey);
    if (told !== undefined) return told;
    const [before] = [...staged].find(([, event]) => event.dedupeKey === dedupeKey) ?? [];
    return before ?? newId("evt");
  }

  return {
    capability: capability(call, async (event) => {
      const id = await idOf(event);
      if (!staged.has(id)) staged.set(id, event);
      return id;
    }),

    async apply(tx) {
      for (const [id, event] of staged) {
        const { outcome } = await events.publish({ ...event, id, tenantId, source }, quota, tx);
        if (outcome === "rate" || outcome === "bytes") throw overQuota(outcome, limits);
      }
    },
  };
}
