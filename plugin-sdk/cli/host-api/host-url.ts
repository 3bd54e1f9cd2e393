import { normalUrl } from "../address.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { profilePath, readProfile } from "../keys/index.ts";

/**
 * Which Plugboard host to speak to: --host, else PLUGBOARD_HOST_URL, else `hostUrl` of the profile.
 *
 * @throws {CliFailure} when none is named, or it is no http(s) URL
 */
export async function findHostUrl(host: CliHost, option: string | undefined): Promise<string> {
  const named = option || host.env.PLUGBOARD_HOST_URL || (await readProfile(host.env)).hostUrl;
  if (!named)
    throw new CliFailure(
      "host-missing",
      `No Plugboard host is named. Give --host <url>, set PLUGBOARD_HOST_URL, or write "hostUrl" in ${profilePath(host.env)}.`,
    );
  const url = normalUrl(named);
  if (url !== undefined) return url;
  throw new CliFailure(
    "host-malformed",
    "What was given as a host is not its address; expected https://…, without a user or password.",
  );
}
