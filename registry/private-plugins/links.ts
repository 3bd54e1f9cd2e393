import { type Claim, statementTypes } from "@plugboard/plugin-sdk/trust";
import { registryError } from "../errors.ts";
import { checkClaim, type Publishers } from "../publishers/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import { verifySigned } from "../trust/index.ts";
import * as queries from "./queries.ts";

export interface PublisherLink {
  publisher: string;
  linkedAt: string;
}

/**
 * Which publishers publish for which tenant. Both have to want it: the tenant's host asks, and the publisher signs. A
 * publisher has one tenant at a time; who works for several has a namespace for each.
 */
export interface PublisherLinks {
  /**
   * Linking twice is no error.
   *
   * @param claim signed with a key of the publisher's, for the audience `plugboard-tenant:<tenant id>`
   * @throws `publisher-not-found`, `claim-invalid`, `publisher-key-unknown`, `signature-invalid`, `statement-*`,
   *   `publisher-linked`
   */
  link(tenantId: string, publisher: string, claim: string): Promise<PublisherLink>;
  /** Nothing more is published; what is there stays. @throws `publisher-link-not-found` */
  unlink(tenantId: string, publisher: string): Promise<void>;
  /** By name. */
  list(tenantId: string): Promise<PublisherLink[]>;
}

export function createPublisherLinks(options: {
  db: RegistryDatabase;
  publishers: Pick<Publishers, "get" | "keysOf">;
  now: () => Date;
}): PublisherLinks {
  const { db, publishers, now } = options;
  return {
    async link(tenantId, publisher, jws) {
      await publishers.get(publisher);
      const keys = await publishers.keysOf(publisher);
      const claim = await verifySigned<Claim>(statementTypes.claim, jws, keys);
      checkClaim(claim, { publisher, now: now(), audience: audienceFor(tenantId) });
      const row = await queries.insertLink(db, { publisher, tenant_id: tenantId, linked_at: now() });
      if (row?.tenant_id === tenantId) return toLink(row);
      // Not which: that is that tenant's own affair.
      const detail = `"${publisher}" publishes for another tenant already. That tenant can unlink it.`;
      throw registryError("publisher-linked", detail);
    },
    async unlink(tenantId, publisher) {
      if (await queries.deleteLink(db, { tenantId, publisher })) return;
      throw registryError(
        "publisher-link-not-found",
        `No publisher "${publisher}" is linked to this tenant.`,
      );
    },
    async list(tenantId) {
      return (await queries.listLinks(db, tenantId)).map(toLink);
    },
  };
}

/** The publisher is somebody else's from here on, who publishes for nobody yet. */
export async function endLinks(transaction: RegistryDatabase, publisher: string): Promise<void> {
  await queries.deleteLink(transaction, { publisher });
}

/** A claim for one tenant is of no use to another, nor to register the name elsewhere. */
function audienceFor(tenantId: string): string {
  return `plugboard-tenant:${tenantId}`;
}

function toLink(row: queries.LinkRow): PublisherLink {
  return { publisher: row.publisher, linkedAt: row.linked_at.toISOString() };
}
