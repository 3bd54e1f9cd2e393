import { consentDigest, type HooksPermission, type Manifest } from "@plugboard/plugin-sdk/manifest";
import {
  type OnlineKey,
  type Receipt,
  soundKeys,
  statementTypes,
  TrustError,
  verifySequenced,
} from "@plugboard/plugin-sdk/trust";
import type { RegistryInstall } from "@plugboard/registry/client";
import { coreError } from "../../errors.ts";
import type { InstallFacts, InstallRow } from "./queries.ts";

type Recorded = Pick<RegistryInstall, "id" | "plugin" | "version" | "receipt">;

/** Checks that a stored install is what its receipt says, member for member. @throws `release-not-trusted` */
export async function checkAgainstReceipt(
  row: Omit<InstallFacts, "permissions">,
  onlineKeys: OnlineKey[],
): Promise<void> {
  const receipt = await verifyReceipt(row, row.tenant_id, onlineKeys);
  if (receipt.tarballSha512 !== row.tarball_sha512 || receipt.consent !== row.consent) {
    throw notTrusted(row.plugin, "what is stored of it is not what its receipt says");
  }
}

/** Checks that the registry signed this very install for this very tenant. @throws `release-not-trusted` */
export async function verifyReceipt(
  { id, plugin, version, receipt: jws }: Recorded,
  tenantId: string,
  onlineKeys: OnlineKey[],
): Promise<Receipt> {
  // A receipt stands in no index, so the word of a key that was stolen is none.
  const { payload: receipt } = await verifySequenced<Receipt>(
    statementTypes.receipt,
    jws,
    soundKeys(onlineKeys),
  ).catch((error) => {
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

/** Checks that what the tenant agreed to is what the release asks for. @throws `release-not-trusted` */
export function checkConsent({ consent, plugin }: Receipt, { id, permissions }: Manifest): void {
  if (consent === consentDigest({ id, permissions })) return;
  throw notTrusted(plugin, "its receipt is not about the permissions that the release asks for");
}

/**
 * What the install may have of hooks; null if nothing, undefined when its row does not say what its consent is about. What
 * it says of permissions counts where the consent's digest was made of it.
 */
export function statedHooks({
  plugin,
  consent,
  permissions,
}: InstallRow): HooksPermission | null | undefined {
  if (typeof permissions !== "object" || permissions === null) return undefined;
  const stated = permissions as Manifest["permissions"];
  return consentDigest({ id: plugin, permissions: stated }) === consent ? (stated.hooks ?? null) : undefined;
}

/** Checks that a receipt repeats the yes that the tenant has just given. @throws `release-not-trusted` */
export function checkGivenConsent({ consent, plugin }: Receipt, given: string | undefined): void {
  if (consent !== given) throw notAgreed({ plugin });
}

/** The registry says that a tenant agreed to what this host has seen no yes to. */
export function notAgreed({ plugin }: Pick<Receipt, "plugin">) {
  return notTrusted(plugin, "its receipt says that the tenant agreed to something else");
}

function notTrusted(plugin: string, reason: string, cause?: unknown) {
  return coreError("release-not-trusted", `The install of ${plugin} is refused: ${reason}.`, {}, { cause });
}
