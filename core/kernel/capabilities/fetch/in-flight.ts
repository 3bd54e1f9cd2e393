import { CapabilityError } from "../errors.ts";
import type { EgressLimits } from "./limits.ts";

/** Counts the requests under way, so that no connection and no plugin takes all there is. */
export interface InFlight {
  /** @returns what must be called when the request has ended. @throws CapabilityError `fetch-busy` */
  enter(request: { connectionId: string; pluginId: string }): () => void;
  count(): number;
}

export function createInFlight(
  limits: Pick<EgressLimits, "maxInFlight" | "maxInFlightPerPlugin" | "maxInFlightPerConnection">,
): InFlight {
  const counts = new Map<string, number>();
  let total = 0;

  return {
    enter({ connectionId, pluginId }) {
      const places = [
        {
          key: `connection ${connectionId}`,
          most: limits.maxInFlightPerConnection,
          whose: "this connection",
        },
        { key: `plugin ${pluginId}`, most: limits.maxInFlightPerPlugin, whose: "this plugin" },
      ];
      if (total >= limits.maxInFlight) throw busy(limits.maxInFlight, "this host");
      for (const { key, most, whose } of places) {
        if ((counts.get(key) ?? 0) >= most) throw busy(most, whose);
      }
      total++;
      for (const { key } of places) counts.set(key, (counts.get(key) ?? 0) + 1);
      return () => {
        total--;
        for (const { key } of places) {
          const left = (counts.get(key) ?? 1) - 1;
          if (left > 0) counts.set(key, left);
          else counts.delete(key);
        }
      };
    },
    count: () => total,
  };
}

function busy(most: number, whose: string): CapabilityError {
  return new CapabilityError(
    "fetch-busy",
    `${most} requests of ${whose} are in flight, as many as may be. Repeat it when one has ended.`,
  );
}
