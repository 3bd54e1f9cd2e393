import { requireSafeForSecrets } from "../address.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { findLogin } from "../logins.ts";
import type { HostApi } from "./client.ts";
import { findHostUrl } from "./host-url.ts";

/**
 * The Plugboard host that a command is about, with a tenant's API key: of PLUGBOARD_API_KEY, else what `login --host`
 * kept for this very host.
 *
 * @param option of --host
 * @throws {CliFailure} when no host is named, there is no key, or it would go there in clear
 */
export async function openHost(host: CliHost, option: string | undefined): Promise<HostApi> {
  const url = await findHostUrl(host, option);
  const apiKey = host.env.PLUGBOARD_API_KEY || (await findLogin(host, { kind: "api-key", url }))?.secret;
  if (!apiKey)
    throw new CliFailure(
      "api-key-missing",
      `There is no API key for ${url}. Set PLUGBOARD_API_KEY, or keep one with "plugboard login --host ${url} --with-token < file".`,
    );
  return openHostWith(host, url, apiKey);
}

/** With a key that is not kept yet. */
export async function openHostWith(host: CliHost, url: string, apiKey: string): Promise<HostApi> {
  requireSafeForSecrets(url, host.env);
  const { createHostApi } = await import("./client.ts"); // Slow to load, so only where it is needed.
  return createHostApi(url, apiKey);
}
