import { diffPermissions, type Permissions } from "@plugboard/plugin-sdk/manifest";
import type { PublishedVersion } from "../catalog/index.ts";
import { registryError } from "../errors.ts";

/**
 * A tenant consents to exactly one set of permissions, by its digest.
 *
 * @param given what the request agrees to, if anything
 * @param standing whether the tenant agreed to exactly this set before, in this install
 * @param held permissions of the version that runs now, if there is one
 * @throws `consent-required` with what is asked for, what it adds and removes, and the digest that agrees to it
 */
export function requireConsent(
  version: PublishedVersion,
  yes: { given: string | undefined; standing: boolean; held: Permissions | undefined },
): void {
  const agreed = yes.given === undefined ? yes.standing : yes.given === version.consent;
  if (agreed) return;
  const { plugin, permissions, consent } = version;
  const detail =
    yes.given === undefined
      ? `${plugin} ${version.version} needs the tenant's consent to its permissions.`
      : `The consent given is for other permissions than ${plugin} ${version.version} asks for.`;
  throw registryError("consent-required", detail, {
    plugin,
    version: version.version,
    permissions,
    ...diffPermissions(yes.held, permissions),
    consent,
  });
}
