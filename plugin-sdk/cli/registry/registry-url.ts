import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { openProfile, profilePath } from "../keys/index.ts";

/**
 * Which registry to speak to: --registry, else PLUGBOARD_REGISTRY_URL, else `registryUrl` of the profile.
 *
 * @throws {CliFailure} when none is named, or it is no http(s) URL
 */
export async function findRegistryUrl(host: CliHost, option: string | undefined): Promise<string> {
  const url = option || host.env.PLUGBOARD_REGISTRY_URL || (await openProfile(host.env)).data.registryUrl;
  if (!url)
    throw new CliFailure(
      "registry-missing",
      `No registry is named. Give --registry <url>, set PLUGBOARD_REGISTRY_URL, or write "registryUrl" in ${profilePath(host.env)}.`,
    );
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliFailure("registry-malformed", `"${url}" is not a registry's address; expected https://…`);
  return url;
}
