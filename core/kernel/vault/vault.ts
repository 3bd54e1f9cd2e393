import { open, seal } from "@plugboard/service-kit/crypto";
import type { DataKeys } from "./data-keys.ts";

/**
 * Seals what a tenant entrusts to the host under the tenant's own data key. Whose it is is authenticated with the
 * ciphertext, so a row that was copied to another tenant, or to another place, does not open.
 */
export interface Vault {
  seal(owner: SecretOwner, text: string): Promise<Sealed>;
  /** @throws when the sealed bytes were altered, belong to another owner, or their key was destroyed */
  open(owner: SecretOwner, sealed: Sealed): Promise<string>;
}

/** For what, and for which row, something is sealed. */
export interface SecretOwner {
  tenantId: string;
  kind: "credential" | "oauth-flow" | "revocation" | "file";
  id: string;
}

export interface Sealed {
  bytes: Buffer;
  /** Of the data key. */
  generation: number;
}

export function createVault({ dataKeys }: { dataKeys: DataKeys }): Vault {
  return {
    async seal(owner, text) {
      const { key, generation } = await dataKeys.current(owner.tenantId);
      return { bytes: seal(key, text, boundTo(owner)), generation };
    },
    async open(owner, { bytes, generation }) {
      const key = await dataKeys.at(owner.tenantId, generation);
      return open(key, bytes, boundTo(owner)).toString("utf8");
    },
  };
}

function boundTo({ tenantId, kind, id }: SecretOwner): string {
  return `${kind}:${tenantId}:${id}`;
}
