import { CompactSign, importJWK, type JWK } from "jose";
import { canonicalJson } from "./canonical-json.ts";
import { thumbprint } from "./keys.ts";
import { maxStatementBytes } from "./limits.ts";
import type { StatementType } from "./statements.ts";

/**
 * Signs a payload (plain JSON) with an Ed25519 key.
 *
 * @returns a compact JWS with the header `{ alg: "Ed25519", kid, typ }` and the payload as canonical JSON (RFC 8785)
 */
export async function signStatement(
  type: StatementType,
  payload: object,
  key: { privateJwk: JWK },
): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalJson(payload));
  const kid = await thumbprint(key.privateJwk);
  const jws = await new CompactSign(bytes)
    .setProtectedHeader({ alg: "Ed25519", kid, typ: type })
    .sign(await importJWK(key.privateJwk, "Ed25519"));
  if (jws.length > maxStatementBytes) throw new RangeError("The statement is too large.");
  return jws;
}
