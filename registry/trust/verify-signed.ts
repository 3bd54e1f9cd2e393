import { type StatementType, TrustError, verifyStatement } from "@plugboard/plugin-sdk/trust";
import type { JWK } from "jose";
import { type RegistryErrorCode, registryError } from "../errors.ts";

const codes: Record<TrustError["code"], RegistryErrorCode> = {
  "signature-invalid": "signature-invalid",
  "key-unknown": "publisher-key-unknown",
  "key-retired": "publisher-key-unknown",
  "root-invalid": "root-refused",
  "statement-wrong-type": "statement-wrong-type",
  "statement-malformed": "statement-malformed",
};

/**
 * Verifies what somebody sent in, and refuses it in the registry's own words.
 *
 * @throws `signature-invalid`, `publisher-key-unknown`, `statement-wrong-type`, `statement-malformed`
 */
export async function verifySigned<T>(type: StatementType, jws: string, keys: JWK[]): Promise<T> {
  try {
    return await verifyStatement<T>(type, jws, keys);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw registryError(codes[error.code], error.message, {}, { cause: error });
  }
}
