import type { EgressLimit, EgressLimits } from "../limits.ts";
import type { Requester } from "../pacing/index.ts";
import type { Share } from "../shares.ts";

/** Whose open sockets are counted together. */
export function streamShares({ tenantId, pluginId }: Requester, limits: EgressLimits): Share[] {
  const share = (key: string, name: string, limit: EgressLimit, code: Share["code"]): Share => ({
    key,
    most: limits[limit],
    limit,
    code,
    message: `${limits[limit]} streams of ${name} are open, as many as may be.`,
  });
  return [
    share(
      `tenant ${tenantId} of ${pluginId}`,
      "this tenant in this plugin",
      "maxStreamsPerPluginTenant",
      "fetch-tenant-busy",
    ),
    share(`plugin ${pluginId}`, "this plugin", "maxStreamsPerPlugin", "fetch-plugin-busy"),
    share(`tenant ${tenantId}`, "this tenant", "maxStreamsPerTenant", "fetch-tenant-busy"),
    share("host", "this host", "maxStreams", "fetch-host-busy"),
  ];
}
