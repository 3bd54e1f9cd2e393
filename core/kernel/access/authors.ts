import { createHmac, hkdfSync } from "node:crypto";
import { type MasterKey, unwrapKey } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import { subjectOf, type TenantIdentity } from "./identity.ts";
import * as queries from "./queries.ts";

/** Who speaks, as others outside of this host get to know them. */
export interface Author {
  tenantId: string;
  /** HMAC-SHA-256 of the subject, base64url. */
  author: string;
}

/**
 * Names whoever acts without telling who it is. The key comes from the tenant's own data key: the same subject has
 * another name in each tenant and on each host, and keeps its name when the master key is rotated.
 */
export interface Authors {
  of(identity: TenantIdentity): Promise<Author>;
}

/** What the key is for, so that nothing else is ever made with it. */
const purpose = "plugboard author reference";

export function createAuthors(options: { db: Kysely<CoreDatabase>; masterKey: MasterKey }): Authors {
  const { db, masterKey } = options;
  return {
    async of(identity) {
      const { tenantId } = identity;
      const dataKey = unwrapKey(masterKey, await queries.findWrappedDataKey(db, tenantId));
      const key = Buffer.from(hkdfSync("sha256", dataKey, "", purpose, 32));
      const author = createHmac("sha256", key).update(subjectOf(identity)).digest("base64url");
      return { tenantId, author };
    },
  };
}
