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

/** What a key is for. Sealed for one purpose, it does not open for the other. */
export type KeyPurpose = "registry-signing-key" | "registry-root-key";

/** A private key as the database holds it. */
export interface SealedKey {
  kid: string;
  wrapped_data_key: string;
  sealed_private_jwk: Buffer;
}

/** The registry cannot sign; `message` is for whoever runs it. */
export class SigningKeyError extends Error {
  override name = "SigningKeyError";
  readonly code = "signing-key-unusable";
}

/** Makes a key and seals its private half under the master key. */
export async function makeSealedKey(masterKey: MasterKey, purpose: KeyPurpose) {
  const { kid, privateJwk, publicJwk } = await generateSigningKey();
  const dataKey = generateDataKey();
  return {
    publicJwk,
    privateJwk,
    row: {
      kid,
      public_jwk: JSON.stringify(publicJwk),
      wrapped_data_key: wrapKey(masterKey, dataKey),
      sealed_private_jwk: seal(dataKey, JSON.stringify(privateJwk), `${purpose}:${kid}`),
    },
  };
}

/** @throws SigningKeyError when the key was sealed under another master key */
export function openSealedKey(masterKey: MasterKey, purpose: KeyPurpose, row: SealedKey): JWK {
  try {
    const dataKey = unwrapKey(masterKey, row.wrapped_data_key);
    const privateJwk = open(dataKey, row.sealed_private_jwk, `${purpose}:${row.kid}`).toString("utf8");
    return JSON.parse(privateJwk) as JWK;
  } catch (cause) {
    throw new SigningKeyError(
      `The registry's signing key ${row.kid} does not open with this master key. ` +
        "Set PLUGBOARD_MASTER_KEY (or restore <data dir>/master-key) to the one that this database was first used with.",
      { cause },
    );
  }
}
