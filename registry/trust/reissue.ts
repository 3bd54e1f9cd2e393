import {
  type Delegation,
  type Root,
  signStatement,
  statementTypes,
  thumbprint,
} from "@plugboard/plugin-sdk/trust";
import type { MasterKey } from "@plugboard/service-kit/crypto";
import { decodeJwt, decodeProtectedHeader, type JWK } from "jose";
import { appendToLog } from "../log/index.ts";
import { updateRecord, updateRecordsOf } from "../plugin-index/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";
import { openKeyInUse } from "./signer.ts";

/**
 * Signs anew what this registry itself had signed with a key after the place up to which that key counts. What somebody
 * else signed with it is in no table here, and so is lost.
 */
export async function reissue(
  transaction: RegistryDatabase,
  { masterKey, now }: { masterKey: MasterKey; now: () => Date },
  { previous, root }: { previous: Root; root: Root },
): Promise<void> {
  const untilOf = await endedKeys(previous, root);
  if (untilOf.size === 0) return;
  const privateJwk = await openKeyInUse(transaction, masterKey, root);
  const isLost = (jws: string, seq: number) => seq > (untilOf.get(kidOf(jws)) ?? Number.POSITIVE_INFINITY);
  const first = Math.min(...untilOf.values()) + 1;

  for (const { publisher, seq, jws } of await queries.listDelegationsFrom(transaction, first)) {
    if (!isLost(jws, seq)) continue;
    await appendToLog(transaction, now, "delegation", async (place) => {
      const delegation: Delegation = { ...decodeJwt<Delegation>(jws), seq: place.seq, issuedAt: place.at };
      const again = await signStatement(statementTypes.delegation, delegation, { privateJwk });
      await queries.insertDelegation(transaction, { publisher, seq: place.seq, jws: again });
      return again;
    });
    await updateRecordsOf(transaction, publisher);
  }
  for (const { plugin, version, seq, registry_jws } of await queries.listVersionsFrom(transaction, first)) {
    if (!isLost(registry_jws, seq)) continue;
    await signReleaseAgain(transaction, { plugin, version, registry_jws }, privateJwk, now);
  }
}

async function signReleaseAgain(
  transaction: RegistryDatabase,
  release: { plugin: string; version: string; registry_jws: string },
  privateJwk: JWK,
  now: () => Date,
): Promise<void> {
  // Its place stays the first one: that is what its publisher's keys are held against.
  const payload = decodeJwt(release.registry_jws);
  const again = await signStatement(statementTypes.registry, payload, { privateJwk });
  const owner = await queries.findOwner(transaction, release.plugin);
  await appendToLog(transaction, now, "release", async () => again, owner);
  await queries.replaceRegistryStatement(transaction, release, again);
  await updateRecord(transaction, release.plugin);
}

/** The keys that count no further since this root, and up to which place they do. */
async function endedKeys(previous: Root, root: Root): Promise<Map<string, number>> {
  const before = new Map<string, number | undefined>();
  for (const key of previous.onlineKeys) before.set(await thumbprint(key), key.until);
  const ended = new Map<string, number>();
  for (const key of root.onlineKeys) {
    const kid = await thumbprint(key);
    if (key.until !== undefined && before.get(kid) !== key.until) ended.set(kid, key.until);
  }
  return ended;
}

function kidOf(jws: string): string {
  return decodeProtectedHeader(jws).kid ?? "";
}
