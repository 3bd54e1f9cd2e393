import { fillUrlTemplate, type Manifest } from "@plugboard/plugin-sdk/manifest";
import { coreError } from "../../errors.ts";

/**
 * The vendor's URL that a path below `…/proxy/` stands for. It is exactly what was written: a path that a URL parser would
 * change, or that servers read in different ways, is refused, so that what was asked for is what is checked and sent.
 *
 * @param target the path and query as they came, without a leading slash
 * @param host one of the plugin's hosts, or undefined for the first that gets the credential
 * @throws `proxy-refused`
 */
export function vendorUrl(
  manifest: Pick<Manifest, "permissions">,
  config: Record<string, unknown>,
  { path, search, host }: { path: string; search: string; host: string | undefined },
): URL {
  const origin = originOf(manifest, config, host);
  const url = URL.parse(`${origin}/${path}${search === "" ? "" : `?${search}`}`);
  if (!url || url.origin !== origin || url.pathname !== `/${path}` || isAmbiguous(path)) {
    throw refused(
      "The path must be written as a URL parser writes it: without . or .. segments, empty segments, backslashes, and encoded slashes, dots or control characters.",
      "path-ambiguous",
    );
  }
  return url;
}

function isAmbiguous(path: string): boolean {
  return /%(?:2e|2f|5c|25|7f|[01][0-9a-f])|\\|\/\/|^\//i.test(path);
}

function originOf(
  { permissions }: Pick<Manifest, "permissions">,
  config: Record<string, unknown>,
  host: string | undefined,
): string {
  const network = (permissions.network ?? []).toSorted(
    (one, other) => Number(one.credential === false) - Number(other.credential === false),
  );
  const origins = network
    .flatMap(({ hosts }) => hosts)
    .flatMap((pattern) => fillUrlTemplate(`https://${pattern}`, config)?.origin ?? []);
  const found = host === undefined ? origins[0] : origins.find((origin) => origin === `https://${host}`);
  if (found !== undefined) return found;
  throw refused(
    origins.length === 0
      ? "The plugin may not reach any host under this connection's configuration."
      : `The plugin may not reach ${JSON.stringify(host)}; it may reach ${[...new Set(origins)].map((origin) => new URL(origin).host).join(", ")}.`,
    "fetch-not-granted",
  );
}

function refused(detail: string, reason: string) {
  return coreError("proxy-refused", detail, { reason });
}
