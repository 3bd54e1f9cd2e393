import { createHash } from "node:crypto";
import type { RateLimit } from "@plugboard/plugin-sdk/manifest";
import { createConcurrency } from "./concurrency.ts";
import { createFixedWindow } from "./fixed-window.ts";
import type { Meter } from "./meter.ts";
import type { Requester } from "./shares-of.ts";
import { createSlidingWindow } from "./sliding-window.ts";
import { createTokenBucket } from "./token-bucket.ts";

/** A declared limit, with what is worked out once. */
export interface Rate {
  limit: RateLimit;
  /** Tells two limits of one plugin apart, and a changed one from what it was. */
  id: string;
  /** For all connections by author or operator, or for this one by its tenant. */
  by: "declared" | "written";
}

export function rateOf(limit: RateLimit, by: Rate["by"]): Rate {
  return { limit, by, id: createHash("sha256").update(JSON.stringify(limit)).digest("base64url") };
}

/** Whether it counts one connection's requests alone. */
export function isOwn({ per = "connection" }: RateLimit): boolean {
  return per === "connection";
}

/** Whose requests it counts together. */
export function keyOfRate({ limit, id }: Rate, { id: connectionId, tenantId, pluginId }: Requester): string {
  const { per = "connection" } = limit;
  const whose = { connection: connectionId, tenant: `${tenantId} ${pluginId}`, plugin: pluginId }[per];
  return `${per} ${whose} ${id}`;
}

export function estimateOf({ limit }: Rate): number {
  return limit.type === "token-bucket" ? (limit.cost ?? 1) : 1;
}

/** Whether the vendor says what it asks for a request before it runs it. */
export function isAsked({ limit }: Rate): boolean {
  return limit.type === "token-bucket" && limit.reported?.asked !== undefined && isOwn(limit);
}

/** @param hosts over how many processes the vendor sees these requests come: each keeps to its part */
export function createRateMeter({ limit }: Rate, hosts: () => number): Meter {
  switch (limit.type) {
    case "sliding-window":
      return createSlidingWindow(() => windowOf(limit, hosts()));
    case "fixed-window":
      return createFixedWindow(() => windowOf(limit, hosts()));
    case "token-bucket":
      return createTokenBucket(() => ({
        capacity: Math.max(1, limit.cost ?? 1, limit.capacity / hosts()),
        refillPerSecond: limit.refillPerSecond / hosts(),
      }));
    case "concurrency":
      return createConcurrency(() => Math.max(1, Math.floor(limit.requests / hosts())));
  }
}

/** Where a host's part is less than one request, the window is longer instead. */
function windowOf({ requests, seconds }: { requests: number; seconds: number }, hosts: number) {
  const part = requests / hosts;
  const ms = seconds * 1000;
  return part >= 1 ? { requests: Math.floor(part), ms } : { requests: 1, ms: ms / part };
}
