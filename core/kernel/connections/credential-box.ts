import type { StoredCredential } from "../credentials/index.ts";
import type { Vault } from "../vault/index.ts";
import type { ConnectionRow } from "./queries.ts";

/** Where a connection's credential lies sealed. */
export interface CredentialBox {
  /** As columns of the row. */
  seal(
    connection: { tenantId: string; id: string },
    credential: StoredCredential,
  ): Promise<{ sealed_credential: Buffer; key_generation: number; credential_expires_at: Date | null }>;
  /** @returns undefined if the connection has none yet */
  open(row: ConnectionRow): Promise<StoredCredential | undefined>;
}

export function createCredentialBox({ vault }: { vault: Vault }): CredentialBox {
  return {
    async seal({ tenantId, id }, credential) {
      const owner = { tenantId, kind: "credential", id } as const;
      const { bytes, generation } = await vault.seal(owner, JSON.stringify(credential));
      return {
        sealed_credential: bytes,
        key_generation: generation,
        credential_expires_at: endOf(credential),
      };
    },
    async open({ tenant_id: tenantId, id, sealed_credential: bytes, key_generation: generation }) {
      if (bytes === null || generation === null) return undefined;
      return JSON.parse(await vault.open({ tenantId, kind: "credential", id }, { bytes, generation }));
    },
  };
}

/** When a person has to do something: what can be renewed without one ends with the means to do so. */
function endOf(credential: StoredCredential): Date | null {
  if (credential.type !== "oauth2" || credential.grant !== "authorization_code") return null;
  const { tokens } = credential;
  const endsAt = tokens?.refreshToken === undefined ? tokens?.expiresAt : tokens.refreshExpiresAt;
  return endsAt === undefined ? null : new Date(endsAt);
}
