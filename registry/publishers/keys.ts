import { type Claim, type SequencedKey, statementTypes } from "@plugboard/plugin-sdk/trust";
import { calculateJwkThumbprint, type JWK } from "jose";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import { verifySigned } from "../trust/index.ts";
import { checkClaim } from "./claim.ts";
import * as queries from "./queries.ts";

/**
 * How many keys a publisher may ever have had, by who adds one; a delegation names them all. Each has room that those
 * before cannot fill: who holds a stolen key orders no more than the first, who holds a stolen token hands over no more
 * than the second, and the operator can still give the publisher back.
 */
const mostKeys = { order: 50, transfer: 100, operator: 500 };

/** All keys that were ever the publisher's, each with the place in the log up to which it counts. */
export async function delegatedKeys(db: RegistryDatabase, publisher: string): Promise<SequencedKey[]> {
  return (await queries.listKeys(db, publisher)).map(({ public_jwk, until_seq }) => ({
    ...public_jwk,
    ...(until_seq !== null && { until: until_seq }),
  }));
}

/**
 * Adds a key that the publisher may sign with from now on.
 *
 * @param claim signed with the key: who adds one holds it
 * @throws `publisher-key-exists`, `too-many-publisher-keys`, `claim-invalid`, `signature-invalid`, `statement-*`
 */
export async function addKey(
  transaction: RegistryDatabase,
  o: { publisher: string; key: JWK; claim: string; by: keyof typeof mostKeys; now: Date },
): Promise<void> {
  const { publisher, key, claim, by, now } = o;
  checkClaim(await verifySigned<Claim>(statementTypes.claim, claim, [key]), { publisher, now });
  if ((await queries.listKeys(transaction, publisher)).length >= mostKeys[by]) {
    const detail = `"${publisher}" has had ${mostKeys[by]} keys already. ${by === "operator" ? "" : "Ask the operator for another."}`;
    throw registryError("too-many-publisher-keys", detail.trim());
  }
  const kid = await calculateJwkThumbprint(key);
  if (await queries.insertFurtherKey(transaction, { publisher, kid, public_jwk: JSON.stringify(key) }))
    return;
  throw registryError("publisher-key-exists", `The key ${kid} is, or was, one of "${publisher}".`);
}

/**
 * Takes a publisher and a key of its over from another registry, in the name of whoever runs this one. A key that ended
 * here in peace signs again; one that was revoked does not, unless that is what is asked for. A name belongs to one
 * origin: what registered here, or came from elsewhere, stays what it is.
 *
 * @param o.endsAt it signs nothing more: ends in peace a key that still does, at this place in the log
 * @returns whether anything changed
 * @throws `publisher-taken`, `publisher-key-revoked`
 */
export async function adoptKey(
  transaction: RegistryDatabase,
  o: {
    publisher: string;
    key: JWK;
    origin: string;
    endsAt?: number | undefined;
    revives?: boolean | undefined;
  },
): Promise<boolean> {
  const { publisher, key, origin, endsAt, revives = false } = o;
  const isNewName = await queries.insertPublisher(transaction, publisher, origin);
  if (!isNewName && (await queries.findPublisher(transaction, publisher))?.origin !== origin) {
    throw registryError(
      "publisher-taken",
      `The name "${publisher}" belongs to a publisher of another origin.`,
    );
  }
  const kid = await calculateJwkThumbprint(key);
  const known = (await queries.listKeys(transaction, publisher)).find((one) => one.kid === kid);
  if (endsAt !== undefined) {
    if (known?.ended !== null) return false;
    await queries.endKey(transaction, { publisher, kid }, { until_seq: endsAt, ended: "retired" });
    return true;
  }
  if (!known)
    return queries.insertFurtherKey(transaction, { publisher, kid, public_jwk: JSON.stringify(key) });
  if (known.ended === null) return false;
  if (known.ended === "revoked" && !revives) {
    const detail = `The key ${kid} of "${publisher}" was revoked here. It signs again only where that is asked for.`;
    throw registryError("publisher-key-revoked", detail);
  }
  await queries.endKey(transaction, { publisher, kid }, { until_seq: null, ended: null });
  return true;
}

/**
 * Ends a key in peace: what it signed stays good, and it signs nothing more.
 *
 * @param until the last place in the log that it counts for
 * @throws `publisher-key-unknown`, `last-publisher-key`
 */
export async function retireKey(
  transaction: RegistryDatabase,
  { publisher, kid, until }: { publisher: string; kid: string; until: number },
): Promise<void> {
  const inUse = (await queries.listKeys(transaction, publisher)).filter(({ ended }) => ended === null);
  if (!inUse.some((key) => key.kid === kid)) throw unknownKey(publisher, kid);
  if (inUse.length === 1) {
    throw registryError("last-publisher-key", `"${publisher}" has no other key to sign with than ${kid}.`);
  }
  await queries.endKey(transaction, { publisher, kid }, { until_seq: until, ended: "retired" });
}

/** Ends all keys but a new one in peace: the publisher is somebody else's from here on. */
export async function retireAllKeys(
  transaction: RegistryDatabase,
  o: { publisher: string; except: string; until: number },
): Promise<void> {
  await queries.retireOtherKeys(transaction, o);
}

/**
 * Ends a key that somebody else has. One that was ended before can only come to count for less, unless `isFinal`:
 * a thief may have been quicker to revoke, and further back than is true.
 *
 * @throws `publisher-key-unknown`
 */
export async function revokeKey(
  transaction: RegistryDatabase,
  o: { publisher: string; kid: string; until: number; isFinal: boolean },
): Promise<{ until: number }> {
  const { publisher, kid, isFinal } = o;
  const key = (await queries.listKeys(transaction, publisher)).find((one) => one.kid === kid);
  if (!key) throw unknownKey(publisher, kid);
  const until = isFinal ? o.until : Math.min(o.until, key.until_seq ?? o.until);
  await queries.endKey(transaction, { publisher, kid }, { until_seq: until, ended: "revoked" });
  return { until };
}

function unknownKey(publisher: string, kid: string) {
  return registryError("publisher-key-unknown", `The key ${kid} is not one that "${publisher}" signs with.`);
}
