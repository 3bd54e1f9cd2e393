import type { EgressLimits } from "./limits.ts";
import type { Requester } from "./pacing/index.ts";
import { createShares, type Share } from "./shares.ts";

/** The memory that bodies on their way take. Each is limited by itself; hundreds at a time would fill the host. */
export interface Buffers {
  open(requester: Requester, limits: EgressLimits): Buffered;
}

/** What one request and the reply to it hold. */
export interface Buffered {
  /** @throws EgressLimitReached `fetch-tenant-busy`, `fetch-plugin-busy`, `fetch-host-busy` */
  grow(bytes: number): void;
  /** Counts what was counted elsewhere until now: it is there, and is not refused. */
  keep(bytes: number): void;
  /** Must be called when the request has ended, and may be before another attempt: gives everything back. */
  release(): void;
}

export function createBuffers(): Buffers {
  const shares = createShares();
  return {
    open(requester, limits) {
      const places = placesOf(requester, limits);
      let held = 0;
      return {
        grow(bytes) {
          shares.take(places, bytes);
          held += bytes;
        },
        keep(bytes) {
          shares.keep(places, bytes);
          held += bytes;
        },
        release() {
          shares.give(places, held);
          held = 0;
        },
      };
    },
  };
}

function placesOf({ tenantId, pluginId }: Requester, limits: EgressLimits): Share[] {
  const {
    maxBufferedBytesPerPluginTenant: ofTenant,
    maxBufferedBytesPerPlugin: ofPlugin,
    maxBufferedBytes: ofHost,
  } = limits;
  return [
    {
      key: `tenant ${tenantId} of ${pluginId}`,
      most: ofTenant,
      limit: "maxBufferedBytesPerPluginTenant",
      code: "fetch-tenant-busy",
      message: full(ofTenant, "this tenant in this plugin"),
    },
    {
      key: `plugin ${pluginId}`,
      most: ofPlugin,
      limit: "maxBufferedBytesPerPlugin",
      code: "fetch-plugin-busy",
      message: full(ofPlugin, "this plugin"),
    },
    {
      key: "host",
      most: ofHost,
      limit: "maxBufferedBytes",
      code: "fetch-host-busy",
      message: full(ofHost, "this host"),
    },
  ];
}

function full(most: number, whose: string): string {
  return `The bodies of ${whose} that are on their way have ${most} bytes, as many as may be. Repeat it when a request has ended, or ask for less at a time.`;
}
