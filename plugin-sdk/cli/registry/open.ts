import { requireSafeForSecrets } from "../address.ts";
import type { CliHost } from "../host.ts";
import { findLogin } from "../logins.ts";
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
  return openRegistryWith(host, url, await findAccountToken(host, url));
}

/** With a token that is not kept yet, or none. */
export async function openRegistryWith(
  host: CliHost,
  url: string,
  token: string | undefined,
): Promise<Registry> {
  if (token !== undefined) requireSafeForSecrets(url, host.env);
  const { createRegistry } = await import("./client/index.ts"); // Slow to load, so only where it is needed.
  return createRegistry(url, token);
}

async function findAccountToken(host: CliHost, url: string): Promise<string | undefined> {
  if (host.env.PLUGBOARD_ACCOUNT_TOKEN) return host.env.PLUGBOARD_ACCOUNT_TOKEN;
  return (await findLogin(host, { kind: "account", url }))?.secret;
}
