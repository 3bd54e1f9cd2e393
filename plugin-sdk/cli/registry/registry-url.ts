import { normalUrl } from "../address.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { profilePath, readProfile } from "../keys/index.ts";

/**
 * Which registry to speak to: --registry, else PLUGBOARD_REGISTRY_URL, else `registryUrl` of the profile.
 *
 * @throws {CliFailure} when none is named, or it is no http(s) URL
 */
export async function findRegistryUrl(host: CliHost, option: string | undefined): Promise<string> {
  const named = option || host.env.PLUGBOARD_REGISTRY_URL || (await readProfile(host.env)).registryUrl;
  if (!named)
    throw new CliFailure(
      "registry-missing",
      `No registry is named. Give --registry <url>, set PLUGBOARD_REGISTRY_URL, or write "registryUrl" in ${profilePath(host.env)}.`,
    );
  const url = normalUrl(named);
  if (url !== undefined) return url;
  throw new CliFailure(
    "registry-malformed",
    `"${withoutUser(named)}" is not a registry's address; expected https://…`,
  );
}

/** Whoever puts a password into an address should not find it in a log. */
function withoutUser(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//…@");
}
