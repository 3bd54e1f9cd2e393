import type { JWK } from "jose";
import { signStatement, statementTypes } from "../../trust/index.ts";

/**
 * Proof that whoever claims the publisher's name holds the key; good for ten minutes.
 *
 * @param audience whom it is for; a tenant, for instance, that the publisher is to publish for
 */
export async function claimFor(
  publisher: string,
  key: { privateJwk: JWK },
  audience = "plugboard-registry",
): Promise<string> {
  const claim = { publisher, audience, issuedAt: new Date().toISOString() };
  return signStatement(statementTypes.claim, claim, key);
}
