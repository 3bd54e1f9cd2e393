import { fillHostPattern } from "./host-pattern.ts";
import { type RequestPath, requestPath } from "./path-pattern.ts";
import type { NetworkPermission } from "./types.ts";

/**
 * Whether the network permissions allow a request. Fails closed: https only, no userinfo, the host exactly as the
 * URL parser writes it (so case, IDN and odd spellings of addresses are settled before the comparison), the port
 * only if the permission names it, the method exactly as listed (upper case).
 *
 * `path` spares looking at the URL's again, where that was done. `config` is the connection's; a value that is not one DNS label makes the hosts with its placeholder fit nothing.
 */
export function permitsRequest(
  network: NetworkPermission[] | undefined,
  request: { method: string; url: URL; path?: RequestPath },
  config: Record<string, unknown> = {},
): boolean {
  const { method, url } = request;
  if (url.protocol !== "https:" || url.username !== "" || url.password !== "" || url.host === "")
    return false;
  const path = request.path ?? requestPath(url.pathname);
  return (network ?? []).some(
    (permission) =>
      permission.methods.some((allowed) => allowed === method) &&
      (permission.paths?.some((pattern) => path.fits(pattern)) ?? true) &&
      permission.hosts.some((host) => fillHostPattern(host, config) === url.host),
  );
}
