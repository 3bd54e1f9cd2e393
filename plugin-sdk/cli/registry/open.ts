import { requireSafeForSecrets } from "../address.ts";
import type { CliHost } from "../host.ts";
import { readProfile } from "../keys/index.ts";
import { keepSecret } from "../secrets.ts";
import type { Registry } from "./client/index.ts";
import { findRegistryUrl } from "./registry-url.ts";

/**
 * The registry that a command is about, with the token of an account if there is one: of PLUGBOARD_ACCOUNT_TOKEN, else
 * what `login` kept for this very registry.
 *
 * @param option of --registry
 * @throws {CliFailure} when no registry is named, or the token would go there in clear
 */
export async function openRegistry(host: CliHost, option: string | undefined): Promise<Registry> {
  const url = await findRegistryUrl(host, option);
  const token = await findAccountToken(host, url);
  if (token !== undefined) requireSafeForSecrets(url, host.env);
  const { createRegistry } = await import("./client/index.ts"); // Slow to load, so only where it is needed.
  return createRegistry(url, token);
}

export async function findAccountToken(host: CliHost, url: string): Promise<string | undefined> {
  if (host.env.PLUGBOARD_ACCOUNT_TOKEN) return host.env.PLUGBOARD_ACCOUNT_TOKEN;
  const { logins = [] } = await readProfile(host.env);
  return keepSecret(host, logins.find((login) => login.kind === "account" && login.url === url)?.secret);
}
