import { type Receipt, statementTypes, TrustError, verifyStatement } from "@plugboard/plugin-sdk/trust";
import type { RegistryInstall } from "@plugboard/registry/client";
import type { JWK } from "jose";
import { coreError } from "../../errors.ts";
import type { InstallFacts } from "./queries.ts";

type Recorded = Pick<RegistryInstall, "id" | "plugin" | "version" | "receipt">;

/** Checks that a stored install is what its receipt says, member for member. @throws `release-not-trusted` */
export async function checkAgainstReceipt(row: InstallFacts, registryKeys: JWK[]): Promise<void> {
  const receipt = await verifyReceipt(row, row.tenant_id, registryKeys);
  if (receipt.tarballSha512 !== row.tarball_sha512 || receipt.consent !== row.consent) {
    throw notTrusted(row.plugin, "what is stored of it is not what its receipt says");
  }
}

/** Checks that the registry signed this very install for this very tenant. @throws `release-not-trusted` */
export async function verifyReceipt(
  { id, plugin, version, receipt: jws }: Recorded,
  tenantId: string,
  registryKeys: JWK[],
): Promise<Receipt> {
  const receipt = await verifyStatement<Receipt>(statementTypes.receipt, jws, registryKeys).catch((error) => {
    if (!(error instanceof TrustError)) throw error;
    throw notTrusted(plugin, `its receipt did not verify: ${error.message}`, error);
  });
  const expected = { installId: id, tenantId, plugin, version };
  for (const [field, value] of Object.entries(expected)) {
    if (receipt[field as keyof typeof expected] !== value) {
      throw notTrusted(plugin, `its receipt names another ${field}`);
    }
  }
  return receipt;
}

function notTrusted(plugin: string, reason: string, cause?: unknown) {
  return coreError("release-not-trusted", `The install of ${plugin} is refused: ${reason}.`, {}, { cause });
}
