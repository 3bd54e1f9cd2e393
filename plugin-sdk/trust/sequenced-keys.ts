import { decodeJwt, decodeProtectedHeader } from "jose";
import { TrustError } from "./errors.ts";
import { thumbprint } from "./keys.ts";
import type { OnlineKey, SequencedKey, StatementType } from "./statements.ts";
import { verifyWithKey } from "./verify-statement.ts";

/**
 * Verifies a statement that has a place in the registry's log, with keys that each count up to such a place.
 *
 * @throws TrustError `key-retired` when the key did not count any more at that place
 */
export async function verifySequenced<T extends { seq?: number }>(
  type: StatementType,
  jws: string,
  keys: SequencedKey[],
): Promise<{ payload: T; kid: string }> {
  const { payload, key, kid } = await verifyWithKey<T, SequencedKey>(type, jws, keys);
  // A receipt from before there was a log stands at its beginning.
  requireCounts(key, kid, payload.seq ?? 0);
  return { payload, kid };
}

/** @throws TrustError `key-retired` unless what the key signed counts at this place in the log */
export function requireCounts(key: SequencedKey, kid: string, seq: number): void {
  if (key.until === undefined || seq <= key.until) return;
  throw new TrustError(
    "key-retired",
    `The key ${kid} counts up to place ${key.until} of the log; the statement is for place ${seq}.`,
  );
}

/** The keys whose own word is enough: who stole one can date what they sign as they like. */
export function soundKeys(keys: OnlineKey[]): OnlineKey[] {
  return keys.filter(({ stolen }) => !stolen);
}

/**
 * Whether a statement says that it is by a key whose own word is no longer enough for it: stolen, or ended before the
 * statement's place in the log. Whoever needs it has to have it signed anew.
 */
export async function isOutlived(jws: string, keys: OnlineKey[]): Promise<boolean> {
  const { kid } = decodeProtectedHeader(jws);
  const { seq } = decodeJwt<{ seq?: unknown }>(jws);
  const place = typeof seq === "number" ? seq : 0;
  for (const key of keys) {
    if ((await thumbprint(key)) !== kid) continue;
    return key.stolen === true || (key.until !== undefined && place > key.until);
  }
  return false;
}

/** The keys that sign now. */
export function activeKeys<Key extends SequencedKey>(keys: Key[]): Key[] {
  return keys.filter(({ until }) => until === undefined);
}
