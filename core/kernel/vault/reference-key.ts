import { hkdfSync } from "node:crypto";
import { generateDataKey, type KeyManagement } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import * as queries from "./queries.ts";

/** What the key is for, so that nothing else is ever made with it. */
const purpose = "plugboard author reference";

/**
 * The key that a tenant's references to the outside are made with. It outlives every rotation: who is known by a name made
 * with it keeps the name.
 */
export interface ReferenceKeys {
  of(tenantId: string): Promise<Buffer>;
}

export function createReferenceKeys(options: {
  db: Kysely<CoreDatabase>;
  keys: KeyManagement;
}): ReferenceKeys {
  const { db, keys } = options;
  return {
    async of(tenantId) {
      const wrapped = await queries.findReferenceKey(db, tenantId);
      return wrapped === null ? derivedKey(db, keys, tenantId) : keys.unwrap(wrapped);
    },
  };
}

/** A tenant's first one, wrapped. */
export async function makeReferenceKey(keys: KeyManagement): Promise<string> {
  return keys.wrap(generateDataKey());
}

/** Keeps the one that was derived from the first data key, which is about to go. */
export async function keepReferenceKey(
  tx: Kysely<CoreDatabase>,
  keys: KeyManagement,
  tenantId: string,
): Promise<void> {
  await queries.setReferenceKey(tx, tenantId, await keys.wrap(await derivedKey(tx, keys, tenantId)));
}

/** Tenants of before rotation could come had it from their data key. */
async function derivedKey(db: Kysely<CoreDatabase>, keys: KeyManagement, tenantId: string): Promise<Buffer> {
  const [first] = await queries.listDataKeys(db, tenantId);
  if (!first) throw new Error(`the data key of ${tenantId} is gone`);
  return Buffer.from(hkdfSync("sha256", await keys.unwrap(first.wrapped_key), "", purpose, 32));
}
