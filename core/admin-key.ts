import { randomBytes } from "node:crypto";
import path from "node:path";
import { readOrCreateSecretFile } from "@plugboard/service-kit/crypto";
import type { Logger } from "@plugboard/service-kit/observe";

/** Where the operator finds the admin key: given from outside, or in a file; `created` only at the first start. */
export interface AdminKey {
  file?: string;
  created?: string;
}

/** A shorter admin key is taken, for a try on one's own machine, and warned of. */
const safeLength = 16;

/** The admin key that was given, or else the one in `<data dir>/admin-key`, which the first start makes. */
export async function resolveAdminKey(o: {
  adminKey?: string | undefined;
  dataDir: string;
  logger: Logger;
}): Promise<{ adminKey: string; found: AdminKey }> {
  if (o.adminKey !== undefined) {
    if (o.adminKey.length < safeLength) {
      o.logger.warn(
        `the admin key is short and may be guessed; give one of at least ${safeLength} characters`,
      );
    }
    return { adminKey: o.adminKey, found: {} };
  }
  const file = path.join(o.dataDir, "admin-key");
  const candidate = `pba_${randomBytes(32).toString("base64url")}`;
  const kept = await readOrCreateSecretFile(file, () => candidate);
  return { adminKey: kept, found: { file, ...(kept === candidate && { created: kept }) } };
}
