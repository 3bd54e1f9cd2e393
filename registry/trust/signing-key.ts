import { generateSigningKey } from "@plugboard/plugin-sdk/trust";
import {
  generateDataKey,
  type MasterKey,
  open,
  seal,
  unwrapKey,
  wrapKey,
} from "@plugboard/service-kit/crypto";
import type { JWK } from "jose";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

export interface SigningKey {
  /** RFC 7638 thumbprint of the public half. */
  kid: string;
  privateJwk: JWK;
}

/** The registry cannot sign; `message` is for whoever runs it. */
class SigningKeyError extends Error {
  override name = "SigningKeyError";
  readonly code = "signing-key-unusable";
}

/**
 * The key that this registry signs with. The first process to ask makes it, together with root version 1.
 *
 * @throws SigningKeyError when the key was sealed under another master key
 */
export async function openSigningKey(db: RegistryDatabase, masterKey: MasterKey): Promise<SigningKey> {
  const existing = await findSigningKey(db, masterKey);
  if (existing) return existing;
  await makeFirstSigningKey(db, masterKey);
  const made = await findSigningKey(db, masterKey);
  if (!made)
    throw new SigningKeyError(
      "The registry has a root but no signing key that is in use. Restore its database from a backup.",
    );
  return made;
}

async function findSigningKey(db: RegistryDatabase, masterKey: MasterKey): Promise<SigningKey | undefined> {
  const row = await queries.findActiveSigningKey(db);
  if (!row) return undefined;
  try {
    const dataKey = unwrapKey(masterKey, row.wrapped_data_key);
    const privateJwk = open(dataKey, row.sealed_private_jwk, sealedFor(row.kid)).toString("utf8");
    return { kid: row.kid, privateJwk: JSON.parse(privateJwk) as JWK };
  } catch (cause) {
    throw new SigningKeyError(
      `The registry's signing key ${row.kid} does not open with this master key. ` +
        "Set PLUGBOARD_MASTER_KEY (or restore <data dir>/master-key) to the one that this database was first used with.",
      { cause },
    );
  }
}

async function makeFirstSigningKey(db: RegistryDatabase, masterKey: MasterKey): Promise<void> {
  const { kid, privateJwk, publicJwk } = await generateSigningKey();
  const dataKey = generateDataKey();
  await db.transaction().execute(async (transaction) => {
    if (!(await queries.insertFirstRoot(transaction, JSON.stringify([publicJwk])))) return;
    await queries.insertSigningKey(transaction, {
      kid,
      public_jwk: JSON.stringify(publicJwk),
      wrapped_data_key: wrapKey(masterKey, dataKey),
      sealed_private_jwk: seal(dataKey, JSON.stringify(privateJwk), sealedFor(kid)),
    });
  });
}

function sealedFor(kid: string): string {
  return `registry-signing-key:${kid}`;
}
