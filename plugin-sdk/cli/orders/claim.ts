import type { JWK } from "jose";
import { signStatement, statementTypes } from "../../trust/index.ts";

/** Proof that whoever claims the publisher's name holds the key; good for ten minutes. */
export async function claimFor(publisher: string, key: { privateJwk: JWK }): Promise<string> {
  const claim = { publisher, audience: "plugboard-registry", issuedAt: new Date().toISOString() };
  return signStatement(statementTypes.claim, claim, key);
}
