import { describeNotGranted } from "@plugboard/plugin-sdk/exchange";
import { type NetworkPermission, permitsRequest, type RequestPath } from "@plugboard/plugin-sdk/manifest";
import { CapabilityError } from "../errors.ts";

/** What a tenant agreed to for this plugin, and the config that fills `{placeholders}` in its hosts. */
export interface Grant {
  network: NetworkPermission[] | undefined;
  config: Record<string, unknown>;
}

/**
 * Checks a request, and every redirect of it, against the granted permissions. The URL is the vendor's own, also
 * where the operator rewrites its host to a stand-in.
 * @returns the host as the manifest writes it: one of a few, so it can be a metric's label
 * @throws CapabilityError `fetch-not-granted`
 */
export function checkGrant(request: { method: string; url: URL; path: RequestPath }, grant: Grant): string {
  for (const permission of grant.network ?? []) {
    for (const host of permission.hosts) {
      if (permitsRequest([{ ...permission, hosts: [host] }], request, grant.config)) return host;
    }
  }
  throw new CapabilityError("fetch-not-granted", describeNotGranted(request, grant.network));
}

/**
 * Whether a granted request gets the connection's credential: not to a host that any permission names as one to be
 * called without, under whatever method and path.
 */
export function carriesCredential({ url }: { url: URL }, { network = [], config }: Grant): boolean {
  return !network.some(
    ({ credential, paths: _, ...permission }) =>
      credential === false &&
      permitsRequest([{ ...permission, methods: ["GET"] }], { method: "GET", url }, config),
  );
}
