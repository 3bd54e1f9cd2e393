import type { EgressConnection } from "./connection.ts";
import type { EgressLimits } from "./limits.ts";
import { createShares, type Share } from "./shares.ts";

/** For whom a request is under way. */
export type Requester = Pick<EgressConnection, "id" | "tenantId" | "pluginId">;

/** Counts the requests under way, so that no connection, tenant or plugin takes all there is. */
export interface InFlight {
  /**
   * @returns what must be called when the request has ended
   * @throws EgressLimitReached `fetch-connection-busy`, `fetch-tenant-busy`, `fetch-plugin-busy`, `fetch-host-busy`
   */
  enter(requester: Requester, limits: EgressLimits): () => void;
  count(): number;
}

const wholeHost = "host";

export function createInFlight(): InFlight {
  const shares = createShares();
  return {
    enter(requester, limits) {
      const places = placesOf(requester, limits);
      shares.take(places, 1);
      return () => shares.give(places, 1);
    },
    count: () => shares.taken(wholeHost),
  };
}

/** The narrowest first: whoever took too much hears of it before the host is full. */
function placesOf({ id, tenantId, pluginId }: Requester, limits: EgressLimits): Share[] {
  const {
    maxInFlightPerConnection: ofConnection,
    maxInFlightPerPluginTenant: ofPluginTenant,
    maxInFlightPerTenant: ofTenant,
    maxInFlightPerPlugin: ofPlugin,
    maxInFlight: ofHost,
  } = limits;
  return [
    {
      key: `connection ${id}`,
      most: ofConnection,
      limit: "maxInFlightPerConnection",
      code: "fetch-connection-busy",
      message: busy(ofConnection, "this connection"),
    },
    {
      key: `tenant ${tenantId} of ${pluginId}`,
      most: ofPluginTenant,
      limit: "maxInFlightPerPluginTenant",
      code: "fetch-tenant-busy",
      message: busy(ofPluginTenant, "this tenant in this plugin"),
    },
    {
      key: `tenant ${tenantId}`,
      most: ofTenant,
      limit: "maxInFlightPerTenant",
      code: "fetch-tenant-busy",
      message: busy(ofTenant, "this tenant"),
    },
    {
      key: `plugin ${pluginId}`,
      most: ofPlugin,
      limit: "maxInFlightPerPlugin",
      code: "fetch-plugin-busy",
      message: busy(ofPlugin, "this plugin"),
    },
    {
      key: wholeHost,
      most: ofHost,
      limit: "maxInFlight",
      code: "fetch-host-busy",
      message: busy(ofHost, "this host"),
    },
  ];
}

function busy(most: number, whose: string): string {
  return `${most} requests of ${whose} are in flight, as many as may be. Repeat it when one has ended.`;
}
