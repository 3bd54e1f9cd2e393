import { httpErrors } from "@plugboard/service-kit/http";
import { type AccountIdentity, type Role, roleAllows, type Scope } from "../accounts/index.ts";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** What somebody wants to do for a publisher; with `plugin`, its name, for one that a token may be restricted to. */
export interface Errand {
  publisher: string;
  scope: Exclude<Scope, "tokens">;
  plugin?: string | undefined;
}

/**
 * Lets a member do what both the role and the token allow. To others a publisher's inside is not there: whoever is no
 * member learns nothing of it, not even whether it has members.
 *
 * @throws `not-a-member`, `forbidden`
 */
export async function admit(db: RegistryDatabase, by: AccountIdentity, errand: Errand): Promise<Role> {
  const { publisher, scope, plugin } = errand;
  const role = await queries.findRole(db, publisher, by.accountId);
  if (!role)
    throw registryError("not-a-member", `This account is no member of the publisher "${publisher}".`);
  if (!by.scopes.includes(scope)) throw forbidden(`This token has not the scope \`${scope}\`.`);
  if (by.publisher !== null && by.publisher !== publisher) {
    throw forbidden(`This token is for the publisher "${by.publisher}" alone.`);
  }
  // What concerns the publisher as a whole is not for a token that is for some of its plugins.
  if (by.plugins && (plugin === undefined || !by.plugins.includes(plugin))) {
    throw forbidden(`This token is for the plugins ${by.plugins.join(", ")} alone.`);
  }
  if (!roleAllows(role, scope)) throw forbidden(`A ${role} of "${publisher}" may not do this.`);
  return role;
}

/**
 * For what concerns no membership that there is already: taking a publisher over, or claiming it.
 *
 * @throws `forbidden`
 */
export function requireScope(
  by: AccountIdentity,
  { publisher, scope }: { publisher?: string; scope: Scope },
): void {
  if (!by.scopes.includes(scope)) throw forbidden(`This token has not the scope \`${scope}\`.`);
  if (by.plugins || (by.publisher !== null && by.publisher !== publisher)) {
    throw forbidden("This token is restricted; use one of the whole account.");
  }
}

function forbidden(detail: string) {
  return httpErrors.error("forbidden", detail);
}
