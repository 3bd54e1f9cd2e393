import type { PluginSettings } from "../../../kernel/limits/index.ts";
import type { StreamOwner } from "./queries.ts";

/** For which streams a host has room beside those that it has. */
export interface Room {
  /** In all. */
  most: number;
  /** For those of one tenant that is not in `ofTenants`. */
  perTenant: number;
  /** Of tenants that have some. */
  ofTenants: ReadonlyMap<string, number>;
  /** Plugins for which there is none. */
  fullPlugins: readonly string[];
  /** Installs, so tenants in a plugin, for which there is none. */
  fullInstalls: readonly string[];
}

/**
 * By the same shares as those that refuse a socket: what would be refused is not taken, and left to a host that has room.
 * @param held those that it has, opened or not
 */
export function roomBeside(
  held: readonly StreamOwner[],
  settings: Pick<PluginSettings, "limits" | "host">,
): Room {
  const { hostStreams, hostStreamsPerTenant } = settings.host;
  const ofTenants = [...Map.groupBy(held, ({ tenantId }) => tenantId)];
  const ofPlugins = [...Map.groupBy(held, ({ plugin }) => plugin)];
  const ofInstalls = [...Map.groupBy(held, ({ installId }) => installId)];
  return {
    most: hostStreams - held.length,
    perTenant: hostStreamsPerTenant,
    ofTenants: new Map(ofTenants.map(([id, its]) => [id, hostStreamsPerTenant - its.length])),
    fullPlugins: ofPlugins.flatMap(([plugin, its]) =>
      its.length >= settings.limits(plugin).streamsPerPlugin ? [plugin] : [],
    ),
    fullInstalls: ofInstalls.flatMap(([id, its]) =>
      its.some(({ plugin }) => its.length >= settings.limits(plugin).streamsPerTenant) ? [id] : [],
    ),
  };
}

/**
 * The first of those that are due that there is room for beside those that the host has, and beside each other: of what an
 * install, or a plugin, has due at once there may be room for a part alone.
 */
export function fitting<Owner extends StreamOwner>(
  due: readonly Owner[],
  held: readonly StreamOwner[],
  settings: Pick<PluginSettings, "limits">,
): Owner[] {
  const counts = new Map<string, number>();
  const keysOf = ({ plugin, installId }: StreamOwner) =>
    [
      [`plugin ${plugin}`, "streamsPerPlugin"],
      [`install ${installId}`, "streamsPerTenant"],
    ] as const;
  const countOf = (key: string) => counts.get(key) ?? 0;
  const count = (owner: StreamOwner) => {
    for (const [key] of keysOf(owner)) counts.set(key, countOf(key) + 1);
  };
  for (const one of held) count(one);
  return due.filter((one) => {
    const limits = settings.limits(one.plugin);
    const fits = keysOf(one).every(([key, limit]) => countOf(key) < limits[limit]);
    if (fits) count(one);
    return fits;
  });
}
