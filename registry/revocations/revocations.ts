import { canonicalJson, sha256Hex } from "@plugboard/plugin-sdk/trust";
import type { RegistryDatabase } from "../tables.ts";
import { type Revocations, withheldName } from "../transparency/index.ts";
import * as queries from "./queries.ts";

/** All that hosts must not run and believe any more, of what was published. Short, however much is published. */
export async function listRevocations(db: RegistryDatabase): Promise<Revocations> {
  const all = await queries.listBlocked(db);
  const blocked = all.flatMap(({ plugin, version, block, tenant_id }) =>
    block && tenant_id === null ? [{ plugin, version, reason: block.reason, seq: block.seq }] : [],
  );
  const withheld = all
    .filter(({ tenant_id }) => tenant_id !== null)
    .map(({ tarball_sha512 }) => withheldName(tarball_sha512))
    .sort();
  const keys = (await queries.listRevokedKeys(db)).map(({ publisher, kid, until_seq }) => ({
    publisher,
    kid,
    until: until_seq ?? 0,
  }));
  return { blocked, ...(withheld.length > 0 && { withheld }), keys };
}

/** What a checkpoint names the list by. */
export function revocationsHash(revocations: Revocations): string {
  return sha256Hex(canonicalJson(revocations));
}
