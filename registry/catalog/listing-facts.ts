import type { Manifest } from "@plugboard/plugin-sdk/manifest";

/** What a listing's row says of the plugin's latest version, to be searched, filtered and counted by. */
export function listingFacts(manifest: Manifest) {
  const { permissions } = manifest;
  const hosts = (permissions.network ?? []).flatMap((rule) => rule.hosts.map(withoutPort));
  return {
    display_name: manifest.displayName,
    description: manifest.description,
    categories: manifest.categories ?? [],
    keywords: manifest.keywords ?? [],
    pricing: manifest.pricing?.model ?? "free",
    permission_kinds: Object.keys(permissions),
    network_hosts: [...new Set(hosts)],
    host_range: manifest.engines.plugboard,
  };
}

function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}
