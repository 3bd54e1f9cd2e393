import type { CapabilityErrorCode } from "../../errors.ts";
import type { EgressConnection } from "../connection.ts";
import type { EgressLimit, EgressLimits } from "../limits.ts";
import type { Share } from "../shares.ts";

/** For whom a request is under way. */
export type Requester = Pick<EgressConnection, "id" | "tenantId" | "pluginId">;

export const wholeHost = "host";

interface Party {
  key: (requester: Requester) => string;
  /** As in "requests of …". */
  name: string;
  inFlight: EgressLimit;
  busy: CapabilityErrorCode;
  queued?: EgressLimit;
}

/** Whose requests are counted together; the narrowest first, so that whoever has too many hears of it first. */
const parties: Party[] = [
  {
    key: ({ id }) => `connection ${id}`,
    name: "this connection",
    inFlight: "maxInFlightPerConnection",
    busy: "fetch-connection-busy",
    queued: "maxQueuedPerConnection",
  },
  {
    key: ({ tenantId, pluginId }) => `tenant ${tenantId} of ${pluginId}`,
    name: "this tenant in this plugin",
    inFlight: "maxInFlightPerPluginTenant",
    busy: "fetch-tenant-busy",
    queued: "maxQueuedPerPluginTenant",
  },
  {
    key: ({ tenantId }) => `tenant ${tenantId}`,
    name: "this tenant",
    inFlight: "maxInFlightPerTenant",
    busy: "fetch-tenant-busy",
  },
  {
    key: ({ pluginId }) => `plugin ${pluginId}`,
    name: "this plugin",
    inFlight: "maxInFlightPerPlugin",
    busy: "fetch-plugin-busy",
    queued: "maxQueuedPerPlugin",
  },
  {
    key: () => wholeHost,
    name: "this host",
    inFlight: "maxInFlight",
    busy: "fetch-host-busy",
    queued: "maxQueued",
  },
];

/** What a request takes one of while it is under way. */
export function inFlightShares(requester: Requester, limits: EgressLimits): Share[] {
  return parties.map(({ key, name, inFlight: limit, busy: code }) => ({
    key: key(requester),
    most: limits[limit],
    limit,
    code,
    message: `${limits[limit]} requests of ${name} are in flight, as many as may be. Repeat it when one has ended.`,
  }));
}

/** What a request takes one of while it waits. */
export function queueShares(requester: Requester, limits: EgressLimits): Share[] {
  return parties.flatMap(({ key, name, queued: limit }) =>
    limit === undefined
      ? []
      : [
          {
            key: key(requester),
            most: limits[limit],
            limit,
            code: "fetch-queue-full" as const,
            message: `${limits[limit]} requests of ${name} wait for their turn, as many as may. Repeat it later, and send less at a time.`,
          },
        ],
  );
}
