import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { JWK } from "jose";
import { CliFailure } from "../failure.ts";

/** A private key at rest: in clear, or sealed under a passphrase. Bytes are base64url. */
export type StoredPrivateKey = PlainPrivateKey | SealedPrivateKey;

export interface PlainPrivateKey {
  sealed: false;
  jwk: JWK;
  /** Whoever has it said that it is to be kept without a passphrase, and is not asked again. */
  byChoice?: true;
}

/**
 * The key's JWK as JSON, under AES-256-GCM with a key that scrypt makes of the passphrase (UTF-8, NFKC; what has no
 * `format`, of before there was one, takes it as it was typed) and of a salt of its own. The key's id is authenticated
 * with it. docs/cli.md describes this form.
 */
export interface SealedPrivateKey {
  sealed: true;
  format?: typeof sealFormat;
  kdf: { name: "scrypt"; N: number; r: number; p: number; salt: string };
  cipher: { name: "aes-256-gcm"; nonce: string; tag: string };
  data: string;
}

const sealFormat = "plugboard-key/1";

/** About half a second and 128 MiB for each guess (OWASP's recommendation for scrypt). */
const scryptCost = { N: 2 ** 17, r: 8, p: 1 };
/** What a file from elsewhere may make us spend. */
const mostScryptBytes = 256 * 1024 * 1024;
const mostScryptRounds = 4;

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
  const cost = { ...scryptCost, maxmem: mostScryptBytes };
  const key = await deriveKey(passphrase.normalize("NFKC"), salt, 32, cost);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(kid));
  const data = Buffer.concat([cipher.update(JSON.stringify(jwk), "utf8"), cipher.final()]);
  return {
    sealed: true,
    format: sealFormat,
    kdf: { name: "scrypt", ...scryptCost, salt: salt.toString("base64url") },
    cipher: {
      name: "aes-256-gcm",
      nonce: nonce.toString("base64url"),
      tag: cipher.getAuthTag().toString("base64url"),
    },
    data: data.toString("base64url"),
  };
}

/** @throws {CliFailure} when the passphrase is not the right one, or the form is not one that is known here */
export async function openPrivateKey(
  stored: SealedPrivateKey,
  kid: string,
  passphrase: string,
): Promise<JWK> {
  const bytes = (text: string) => Buffer.from(text, "base64url");
  requireKnownForm(stored, kid);
  const { N, r, p, salt } = stored.kdf;
  const typed = stored.format === undefined ? passphrase : passphrase.normalize("NFKC");
  const key = await deriveKey(typed, bytes(salt), 32, { N, r, p, maxmem: mostScryptBytes });
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

function requireKnownForm({ format, kdf, cipher, data }: Partial<SealedPrivateKey>, kid: string): void {
  const isKnown =
    (format === undefined || format === sealFormat) &&
    kdf?.name === "scrypt" &&
    [kdf.N, kdf.r, kdf.p].every((cost) => Number.isInteger(cost) && cost > 0) &&
    kdf.p <= mostScryptRounds &&
    Math.log2(kdf.N) % 1 === 0 &&
    128 * kdf.N * kdf.r < mostScryptBytes &&
    cipher?.name === "aes-256-gcm" &&
    [kdf.salt, cipher.nonce, cipher.tag, data].every((text) => typeof text === "string") &&
    Buffer.from(cipher.tag, "base64url").length === 16;
  if (isKnown) return;
  throw new CliFailure(
    "key-malformed",
    `The key ${kid} is locked in a form that is not known here; expected "${sealFormat}". A newer plugboard may know it.`,
  );
}
