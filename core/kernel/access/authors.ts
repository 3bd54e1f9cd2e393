import { createHmac } from "node:crypto";
import type { ReferenceKeys } from "../vault/index.ts";
import { subjectOf, type TenantIdentity } from "./identity.ts";

/** Who speaks, as others outside of this host get to know them. */
export interface Author {
  tenantId: string;
  /** HMAC-SHA-256 of the subject, base64url. */
  author: string;
}

/**
 * Names whoever acts without telling who it is. The key is the tenant's own: the same subject has another name in each
 * tenant and on each host, and keeps its name when keys are rotated.
 */
export interface Authors {
  of(identity: TenantIdentity): Promise<Author>;
}

export function createAuthors({ referenceKeys }: { referenceKeys: ReferenceKeys }): Authors {
  return {
    async of(identity) {
      const { tenantId } = identity;
      const key = await referenceKeys.of(tenantId);
      const author = createHmac("sha256", key).update(subjectOf(identity)).digest("base64url");
      return { tenantId, author };
    },
  };
}
