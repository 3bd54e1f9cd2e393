import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";

export interface SigningKeyPair {
  privateJwk: JWK;
  /** `{ kty: "OKP", crv: "Ed25519", x }` */
  publicJwk: JWK;
  /** RFC 7638 thumbprint (SHA-256, base64url). */
  kid: string;
}

/** Makes an Ed25519 key (RFC 8037). */
export async function generateSigningKey(): Promise<SigningKeyPair> {
  const { privateKey } = await generateKeyPair("Ed25519", { extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  const publicJwk = publicPart({ kty, crv, x } as JWK);
  return { privateJwk: { ...publicJwk, d } as JWK, publicJwk, kid: await thumbprint(publicJwk) };
}

/** RFC 7638 thumbprint of the public part of a key. */
export async function thumbprint(jwk: JWK): Promise<string> {
  return calculateJwkThumbprint(publicPart(jwk), "sha256");
}

/**
 * The public part of an Ed25519 key, and only that.
 *
 * @throws TypeError if it is not one
 */
export function publicPart(jwk: JWK): JWK {
  const { kty, crv, x } = jwk;
  // 32 bytes in base64url, with the two bits beyond them zero.
  if (
    kty !== "OKP" ||
    crv !== "Ed25519" ||
    typeof x !== "string" ||
    !/^[\w-]{42}[AEIMQUYcgkosw048]$/.test(x)
  ) {
    throw new TypeError('The key is not an Ed25519 key; expected { kty: "OKP", crv: "Ed25519", x }.');
  }
  return { kty, crv, x };
}
