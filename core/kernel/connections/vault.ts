import { type MasterKey, open, seal, unwrapKey } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { Credential } from "../credentials/index.ts";

/**
 * Seals credentials under the tenant's own data key. The tenant's and the connection's id are authenticated with the
 * ciphertext, so a row that was copied to another tenant or connection does not open.
 */
export interface Vault {
  seal(owner: CredentialOwner, credential: Credential): Promise<Buffer>;
  /** @throws when the sealed bytes were altered or belong to another owner */
  open(owner: CredentialOwner, sealed: Buffer): Promise<Credential>;
}

export interface CredentialOwner {
  tenantId: string;
  connectionId: string;
}

export function createVault(options: { db: Kysely<CoreDatabase>; masterKey: MasterKey }): Vault {
  const { db, masterKey } = options;
  const dataKeys = new Map<string, Buffer>();

  async function dataKey(tenantId: string): Promise<Buffer> {
    const held = dataKeys.get(tenantId);
    if (held) return held;
    const { wrapped_data_key } = await db
      .selectFrom("tenants")
      .select("wrapped_data_key")
      .where("id", "=", tenantId)
      .executeTakeFirstOrThrow();
    const key = unwrapKey(masterKey, wrapped_data_key);
    dataKeys.set(tenantId, key);
    return key;
  }

  return {
    async seal(owner, credential) {
      return seal(await dataKey(owner.tenantId), JSON.stringify(credential), associatedData(owner));
    },
    async open(owner, sealed) {
      return JSON.parse(open(await dataKey(owner.tenantId), sealed, associatedData(owner)).toString("utf8"));
    },
  };
}

function associatedData({ tenantId, connectionId }: CredentialOwner): string {
  return `credential:${tenantId}:${connectionId}`;
}
