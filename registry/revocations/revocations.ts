import { canonicalJson, sha256Hex } from "@plugboard/plugin-sdk/trust";
import type { RegistryDatabase } from "../tables.ts";
import type { Revocations } from "../transparency/index.ts";
import * as queries from "./queries.ts";

/** All that hosts must not run and believe any more, of what was published. Short, however much is published. */
export async function listRevocations(db: RegistryDatabase): Promise<Revocations> {
  const blocked = (await queries.listBlocked(db)).flatMap(({ plugin, version, block }) =>
    block ? [{ plugin, version, reason: block.reason, seq: block.seq }] : [],
  );
  const keys = (await queries.listRevokedKeys(db)).map(({ publisher, kid, until_seq }) => ({
    publisher,
    kid,
    until: until_seq ?? 0,
  }));
  return { blocked, keys };
}

/** What a checkpoint names the list by. */
export function revocationsHash(revocations: Revocations): string {
  return sha256Hex(canonicalJson(revocations));
}
