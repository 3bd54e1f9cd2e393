import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import type { Install } from "../plugins/index.ts";
import * as queries from "./queries.ts";

/**
 * Keeps the install as it is until the transaction ends: what was held against its version counts for that version.
 * @throws `install-not-found`, `install-changing` if it was removed, is being removed, or runs another version by now
 */
export async function holdInstall(
  tx: Kysely<CoreDatabase>,
  { id, tenantId, plugin, tarballSha512 }: Install,
): Promise<void> {
  const held = await queries.holdInstall(tx, tenantId, id);
  if (!held) throw coreError("install-not-found", `The install "${id}" was removed in this moment.`);
  const isLeaving = await queries.isBeingUninstalled(tx, tenantId, plugin);
  if (held.tarball_sha512 === tarballSha512 && !isLeaving) return;
  throw coreError(
    "install-changing",
    `The install of ${plugin} was changed in this moment. Repeat the request.`,
    { retryable: true },
    { headers: { "Retry-After": "1" } },
  );
}
