export type TransparencyErrorCode = "log-broken" | "index-proof-invalid";

/** What a registry says in public does not fit together. */
export class TransparencyError extends Error {
  override readonly name = "TransparencyError";
  readonly code: TransparencyErrorCode;
  constructor(code: TransparencyErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
