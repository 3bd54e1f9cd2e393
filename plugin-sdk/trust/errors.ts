export type TrustErrorCode =
  | "signature-invalid"
  | "key-unknown"
  | "key-retired"
  | "root-invalid"
  | "statement-wrong-type"
  | "statement-malformed";

/** Why a statement is not believed. */
export class TrustError extends Error {
  override readonly name = "TrustError";
  readonly code: TrustErrorCode;
  constructor(code: TrustErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
