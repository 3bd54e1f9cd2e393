import { createPrivateKey, createPublicKey } from "node:crypto";
import type { JWK } from "jose";
import { thumbprint } from "../../trust/index.ts";

export interface PrivateKey {
  privateJwk: JWK;
  publicJwk: JWK;
  kid: string;
}

/**
 * Reads a private Ed25519 JWK, as JSON or as base64 of that. Says nothing of what is wrong with it, so that no part of
 * a secret gets into a message.
 *
 * @returns undefined when it is none, or its public half is of another key
 */
export async function parsePrivateJwk(text: string): Promise<PrivateKey | undefined> {
  const json = text.trimStart().startsWith("{") ? text : Buffer.from(text, "base64").toString("utf8");
  try {
    return await checkPrivateJwk(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** @throws when it is no private Ed25519 key, or its public half is of another */
export async function checkPrivateJwk({ kty, crv, x, d }: JWK): Promise<PrivateKey> {
  const key = createPrivateKey({ key: { kty, crv, x, d } as Record<string, unknown>, format: "jwk" });
  const own = createPublicKey(key.export({ format: "pem", type: "pkcs8" })).export({ format: "jwk" });
  if (kty !== "OKP" || crv !== "Ed25519" || own.x !== x) throw new TypeError("The key is no Ed25519 key.");
  const publicJwk = { kty, crv, x } as JWK;
  return { privateJwk: { ...publicJwk, d } as JWK, publicJwk, kid: await thumbprint(publicJwk) };
}
