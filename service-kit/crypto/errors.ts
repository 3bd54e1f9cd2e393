export type CryptoErrorCode =
  | "key-invalid"
  | "master-key-invalid"
  | "master-key-unknown"
  | "sealed-invalid"
  | "secret-file-invalid";

/** Thrown by everything in crypto/. Its message never holds key material or plaintext. */
export class CryptoError extends Error {
  override readonly name = "CryptoError";
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
