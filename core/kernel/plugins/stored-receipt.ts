import { isOutlived } from "@plugboard/plugin-sdk/trust";
import type { RegistryClient } from "@plugboard/registry/client";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import * as queries from "./queries.ts";
import { checkAgainstReceipt } from "./receipt.ts";
import { asCoreError } from "./registry-problems.ts";
import type { RegistryTrust } from "./trust/index.ts";

/** Checks that a stored install is what the registry signed: a row that was altered runs nothing. */
export type CheckStored = (row: queries.InstallRow) => Promise<void>;

/**
 * The check of stored installs. Where the key of a receipt was stolen since, or had ended when it signed, the registry
 * is asked to sign the same again: what the receipt says has to stay as it is stored.
 *
 * @throws `release-not-trusted`, `registry-unavailable`
 */
export function createCheckStored(options: {
  db: Kysely<CoreDatabase>;
  registry: Pick<RegistryClient, "getInstall">;
  trust: Pick<RegistryTrust, "onlineKeys">;
}): CheckStored {
  const { db, registry, trust } = options;
  return async function checkStored(row) {
    const onlineKeys = await trust.onlineKeys();
    if (!(await isOutlived(row.receipt, onlineKeys))) return checkAgainstReceipt(row, onlineKeys);
    const { receipt } = await registry.getInstall(row.tenant_id, row.id).catch((error) => {
      throw asCoreError(error, row.plugin);
    });
    await checkAgainstReceipt({ ...row, receipt }, onlineKeys);
    await queries.replaceReceipt(db, row, receipt);
  };
}
