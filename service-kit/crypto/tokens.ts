import { hash, randomBytes, timingSafeEqual } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretBytes = 32;
/** 62^43 > 2^256: that many characters carry all 32 bytes. */
const secretLength = 43;
const shownLength = 6;

export interface SecretToken {
  /** The whole token. Shown once to whom it is for; never stored. */
  token: string;
  /** Its beginning, by which a person tells tokens apart. */
  prefixShown: string;
  /** SHA-256 of the token, lowercase hex: what is stored. */
  hash: string;
}

/**
 * A token with 256 bits of randomness in base62, behind `prefix` (such as `pbk_`).
 * Because it is random, a plain SHA-256 of it is safe to store: there is nothing to guess.
 */
export function secretToken(prefix: string): SecretToken {
  const token = prefix + base62(randomBytes(secretBytes));
  return { token, prefixShown: token.slice(0, prefix.length + shownLength), hash: hashToken(token) };
}

/** SHA-256 of a token, lowercase hex. */
export function hashToken(token: string): string {
  return hash("sha256", token, "hex");
}

/** Whether two tokens are the same, in a time that tells nothing about where they differ. */
export function sameToken(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashToken(a), "hex"), Buffer.from(hashToken(b), "hex"));
}

function base62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let i = 0; i < secretLength; i++) {
    text += alphabet[Number(rest % 62n)];
    rest /= 62n;
  }
  return text;
}
