import { type StatementType, TrustError, verifyStatement } from "@plugboard/plugin-sdk/trust";
import type { JWK } from "jose";
import { type RegistryErrorCode, registryError } from "../errors.ts";

const codes: Partial<Record<TrustError["code"], RegistryErrorCode>> = {
  "signature-invalid": "signature-invalid",
  "root-invalid": "root-refused",
  "statement-wrong-type": "statement-wrong-type",
  "statement-malformed": "statement-malformed",
};

/**
 * Verifies what somebody sent in, and refuses it in the registry's own words.
 *
 * @param unknownKey what to say of a key that is none of `keys`
 * @throws `signature-invalid`, `unknownKey`, `statement-wrong-type`, `statement-malformed`
 */
export async function verifySigned<T>(
  type: StatementType,
  jws: string,
  keys: JWK[],
  unknownKey: RegistryErrorCode = "publisher-key-unknown",
): Promise<T> {
  try {
    return await verifyStatement<T>(type, jws, keys);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw registryError(codes[error.code] ?? unknownKey, error.message, {}, { cause: error });
  }
}
