import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import * as queries from "./queries.ts";

/**
 * To be called first in a transaction that makes something of a tenant's: its erasure does not begin until that ends, and
 * of a tenant whose erasure has begun nothing is made any more.
 * @param how `alone`: whoever else does so waits, as for counting what there is
 * @throws `tenant-not-found`
 */
export async function holdTenant(
  tx: Kysely<CoreDatabase>,
  tenantId: string,
  how: { alone: boolean } = { alone: false },
): Promise<void> {
  if (await queries.holdTenant(tx, tenantId, how)) return;
  throw coreError(
    "tenant-not-found",
    `There is no tenant "${tenantId}" any more, or it is being erased: nothing can be made in it.`,
  );
}
