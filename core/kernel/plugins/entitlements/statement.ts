import {
  type EntitlementStatement,
  type OnlineKey,
  soundKeys,
  statementTypes,
  TrustError,
  verifySequenced,
} from "@plugboard/plugin-sdk/trust";
import { coreError } from "../../../errors.ts";

/** Checks that the registry signed this for this tenant and plugin. @throws `release-not-trusted` */
export async function verifyEntitlement(
  jws: string,
  { tenantId, plugin }: { tenantId: string; plugin: string },
  onlineKeys: OnlineKey[],
): Promise<EntitlementStatement> {
  const { payload } = await verifySequenced<EntitlementStatement>(
    statementTypes.entitlement,
    jws,
    soundKeys(onlineKeys),
  ).catch((error) => {
    if (!(error instanceof TrustError)) throw error;
    throw notTrusted(plugin, `it did not verify: ${error.message}`, error);
  });
  if (payload.tenantId !== tenantId || payload.plugin !== plugin) {
    throw notTrusted(plugin, "it is about another tenant or plugin");
  }
  return payload;
}

function notTrusted(plugin: string, reason: string, cause?: unknown) {
  return coreError(
    "release-not-trusted",
    `The entitlement to ${plugin} is refused: ${reason}.`,
    {},
    { cause },
  );
}
