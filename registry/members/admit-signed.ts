import { httpErrors } from "@plugboard/service-kit/http";
import type { Accounts } from "../accounts/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import { admit, type Errand } from "./admission.ts";
import * as queries from "./queries.ts";

/** Asks for a token besides a signature, of whoever acts for a publisher that wants both. */
export type AdmitSigned = (errand: Errand, token: string | undefined) => Promise<void>;

/**
 * A stolen key alone does nothing where the owners asked for a member's token too.
 *
 * @returns what throws `unauthorized`, `not-a-member`, `forbidden`
 */
export function createAdmitSigned(o: {
  db: RegistryDatabase;
  accounts: Pick<Accounts, "authenticate">;
}): AdmitSigned {
  return async (errand, token) => {
    if (!(await queries.isTokenRequired(o.db, errand.publisher))) return;
    const by = token === undefined ? undefined : await o.accounts.authenticate(token);
    if (!by) {
      const detail = `"${errand.publisher}" asks for the token of a member besides the signature. Send one as Authorization: Bearer.`;
      throw httpErrors.error("unauthorized", detail);
    }
    await admit(o.db, by, errand);
  };
}
