import { type Receipt, statementTypes, TrustError, verifyStatement } from "@plugboard/plugin-sdk/trust";
import type { RegistryInstall } from "@plugboard/registry/client";
import type { JWK } from "jose";
import { coreError } from "../../errors.ts";

/** Checks that the registry signed this very install for this very tenant. @throws `release-not-trusted` */
export async function verifyReceipt(
  recorded: RegistryInstall,
  tenantId: string,
  registryKeys: JWK[],
): Promise<Receipt> {
  const receipt = await verifyStatement<Receipt>(
    statementTypes.receipt,
    recorded.receipt,
    registryKeys,
  ).catch((error) => {
    if (!(error instanceof TrustError)) throw error;
    throw notTrusted(`its receipt did not verify: ${error.message}`, error);
  });
  const expected = { installId: recorded.id, tenantId, plugin: recorded.plugin, version: recorded.version };
  for (const [field, value] of Object.entries(expected)) {
    if (receipt[field as keyof typeof expected] !== value)
      throw notTrusted(`its receipt names another ${field}`);
  }
  return receipt;

  function notTrusted(reason: string, cause?: unknown) {
    return coreError(
      "release-not-trusted",
      `The install of ${recorded.plugin} is refused: ${reason}.`,
      {},
      { cause },
    );
  }
}
