import type { NetworkPermission } from "../manifest/index.ts";

/** Says of a request that no permission covers what it was, and what there is instead. */
export function describeNotGranted(
  { method, url }: { method: string; url: URL },
  network: readonly NetworkPermission[] | undefined,
): string {
  const lines = (network ?? []).map(
    ({ hosts, methods, paths }) =>
      `${methods.join(", ")} ${hosts.join(", ")}${paths ? ` (paths ${paths.join(", ")})` : ""}`,
  );
  return (
    `No permission of this plugin covers ${method} ${url.origin}${url.pathname}. ` +
    `It may use: ${lines.join("; ") || "no host at all"}. Declare more under permissions.network in plugin.json.`
  );
}
