import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { JWK } from "jose";
import { CliFailure } from "../failure.ts";

/** A private key at rest: in clear, or sealed under a passphrase. Bytes are base64url. */
export type StoredPrivateKey = { sealed: false; jwk: JWK } | SealedPrivateKey;

export interface SealedPrivateKey {
  sealed: true;
  kdf: { name: "scrypt"; N: number; r: number; p: number; salt: string };
  cipher: { name: "aes-256-gcm"; nonce: string; tag: string };
  data: string;
}

/** About half a second and 128 MiB for each guess (OWASP's recommendation for scrypt). */
const scryptCost = { N: 2 ** 17, r: 8, p: 1 };
const scryptMaxBytes = 256 * 1024 * 1024;
const deriveKey = promisify<
  string,
  Buffer,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);

/** @param kid bound to the sealed key, so that two keys of one profile cannot be swapped */
export async function sealPrivateKey(jwk: JWK, kid: string, passphrase: string): Promise<SealedPrivateKey> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const key = await deriveKey(passphrase, salt, 32, { ...scryptCost, maxmem: scryptMaxBytes });
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(kid));
  const data = Buffer.concat([cipher.update(JSON.stringify(jwk), "utf8"), cipher.final()]);
  return {
    sealed: true,
    kdf: { name: "scrypt", ...scryptCost, salt: salt.toString("base64url") },
    cipher: {
      name: "aes-256-gcm",
      nonce: nonce.toString("base64url"),
      tag: cipher.getAuthTag().toString("base64url"),
    },
    data: data.toString("base64url"),
  };
}

/** @throws {CliFailure} when the passphrase is not the right one */
export async function openPrivateKey(
  stored: SealedPrivateKey,
  kid: string,
  passphrase: string,
): Promise<JWK> {
  const bytes = (text: string) => Buffer.from(text, "base64url");
  const { N, r, p, salt } = stored.kdf;
  const key = await deriveKey(passphrase, bytes(salt), 32, { N, r, p, maxmem: scryptMaxBytes });
  const decipher = createDecipheriv("aes-256-gcm", key, bytes(stored.cipher.nonce), { authTagLength: 16 })
    .setAAD(Buffer.from(kid))
    .setAuthTag(bytes(stored.cipher.tag));
  try {
    return JSON.parse(
      Buffer.concat([decipher.update(bytes(stored.data)), decipher.final()]).toString("utf8"),
    );
  } catch {
    throw new CliFailure("passphrase-wrong", `The passphrase does not open the key ${kid}.`);
  }
}
