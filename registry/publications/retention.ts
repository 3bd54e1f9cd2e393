import { removeBlobUnless } from "../blobs/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** How long the tarball of a rejected publication is kept, so that its publisher and the operator can ask about it. */
const keptMs = 30 * 24 * 60 * 60 * 1000;
const atOnce = 100;

/** Removes the tarballs of what was rejected long ago; what was said of them stays. @returns how many publications */
export async function removeRejectedTarballs(db: RegistryDatabase, now: Date): Promise<number> {
  const before = new Date(now.getTime() - keptMs);
  const rejected = await queries.listRejectedBefore(db, before, atOnce);
  for (const { id, tarball_sha512: sha512 } of rejected) {
    await db.transaction().execute(async (transaction) => {
      await removeBlobUnless(transaction, sha512, () => queries.isTarballNeeded(transaction, sha512, before));
      await queries.markTarballRemoved(transaction, id, now);
    });
  }
  return rejected.length;
}
