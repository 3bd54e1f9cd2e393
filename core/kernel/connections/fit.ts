import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import { checkOf } from "../contributed-checks.ts";
import { authDeclaration, authMethodOf } from "../credentials/index.ts";

/** What does not fit, and where (RFC 6901 pointer into the connection). */
interface Misfit {
  pointer: string;
  message: string;
}

/** Without a schema a plugin takes no settings. */
const noSettings = { type: "object", properties: {}, additionalProperties: false };

/** The ways to authenticate that a plugin takes, by their `AuthMethod`. */
export function supportedAuth(manifest: Manifest): string[] {
  return (manifest.auth ?? []).map(authMethodOf);
}

/**
 * Where settings do not fit what the plugin's schema asks for; pointers begin with `/config`.
 * @param awaiting the settings that are still to come, which may be missing
 */
export function configProblems(
  manifest: Manifest,
  config: Record<string, unknown>,
  awaiting: readonly string[] = [],
): Misfit[] {
  const check = checkOf(manifest.connection?.config ?? noSettings, awaiting);
  return check(config).map(({ pointer, message }) => ({ pointer: `/config${pointer}`, message }));
}

/** The settings that the vendor tells when the account is connected. */
export function toldSettings(manifest: Manifest, authType: string): string[] {
  const auth = authDeclaration(manifest, authType);
  return auth?.type === "oauth2" ? Object.keys(auth.tokenResponse?.config ?? {}) : [];
}

/**
 * Whether the vendor is still to tell settings that the plugin needs, as it does with tokens.
 * @param config fits the plugin but for these
 */
export function awaitsSettings(
  manifest: Manifest,
  config: Record<string, unknown>,
  authType: string,
): boolean {
  return toldSettings(manifest, authType).length > 0 && configProblems(manifest, config).length > 0;
}

/** Everything about a connection that a version of a plugin does not take. */
export function connectionProblems(
  manifest: Manifest,
  { config, authType }: { config: Record<string, unknown>; authType: string },
): Misfit[] {
  // One that has not been connected yet misses them, and is no reason against a version.
  const problems = configProblems(manifest, config, toldSettings(manifest, authType));
  if (authDeclaration(manifest, authType)) return problems;
  const supported = supportedAuth(manifest).join(" or ") || "no credential at all";
  const message = `This version takes ${supported}, not "${authType}".`;
  return [...problems, { pointer: "/auth/type", message }];
}
