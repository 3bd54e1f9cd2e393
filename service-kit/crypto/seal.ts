import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import { CryptoError } from "./errors.ts";

const algorithm = "aes-256-gcm";
const version = 1;
const keyBytes = 32;
/** 96 bits, what GCM is defined for; random nonces are safe for about 2^32 messages under one key (NIST SP 800-38D). */
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + nonceBytes;

/** A fresh 256-bit key, to seal one tenant's data under. Keep it only wrapped: see `wrapKey`. */
export function generateDataKey(): Buffer {
  return randomBytes(keyBytes);
}

/**
 * Encrypts and authenticates with AES-256-GCM.
 *
 * @param aad what the ciphertext is bound to (such as `con_…/credential`): `open` needs the same text,
 *   so a sealed value that is moved to another row does not open there.
 * @returns version byte, 12-byte nonce, ciphertext, 16-byte tag.
 * @throws CryptoError `key-invalid` if the key is not 32 bytes.
 */
export function seal(dataKey: Buffer | KeyObject, plaintext: Buffer | string, aad: string): Buffer {
  checkKey(dataKey);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, dataKey, nonce, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(aad));
  const body = typeof plaintext === "string" ? Buffer.from(plaintext, "utf8") : plaintext;
  return Buffer.concat([Buffer.of(version), nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what `seal` made.
 *
 * @throws CryptoError `sealed-invalid` if it was changed, cut, sealed under another key or bound to
 *   another `aad`; which of these it was cannot be told apart, by design.
 */
export function open(dataKey: Buffer | KeyObject, sealed: Uint8Array, aad: string): Buffer {
  checkKey(dataKey);
  if (sealed.length < headerBytes + tagBytes || sealed[0] !== version) {
    throw new CryptoError("sealed-invalid", "The sealed value is cut short or of an unknown version.");
  }
  const nonce = sealed.subarray(1, headerBytes);
  const decipher = createDecipheriv(algorithm, dataKey, nonce, { authTagLength: tagBytes });
  decipher.setAAD(boundTo(aad));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headerBytes, -tagBytes)), decipher.final()]);
  } catch {
    throw new CryptoError(
      "sealed-invalid",
      "The sealed value does not open: it was changed, or sealed under another key or for another purpose.",
    );
  }
}

/** The version is authenticated too, so that it cannot be turned back once there is a second one. */
function boundTo(aad: string): Buffer {
  return Buffer.from(`plugboard-seal-v${version}:${aad}`, "utf8");
}

function checkKey(key: Buffer | KeyObject): void {
  const length = Buffer.isBuffer(key) ? key.length : key.symmetricKeySize;
  if (length !== keyBytes) {
    throw new CryptoError("key-invalid", `A data key has ${keyBytes} bytes; this one has ${length ?? 0}.`);
  }
}
