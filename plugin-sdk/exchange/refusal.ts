/** Why a request is not sent, or a redirect not followed. A host makes of it an error of its own kind. */
export class ExchangeRefusal extends Error {
  readonly code: RefusalCode;
  /** Which limit it ran into, where it was one. */
  readonly limit: "maxRequestBytes" | "maxRedirects" | undefined;

  constructor(code: RefusalCode, message: string, limit?: ExchangeRefusal["limit"]) {
    super(message);
    this.name = "ExchangeRefusal";
    this.code = code;
    this.limit = limit;
  }
}

export type RefusalCode =
  | "fetch-invalid-request"
  | "fetch-request-too-large"
  | "fetch-redirect-refused"
  | "fetch-credential-unusable"
  | "file-invalid-argument"
  | "file-not-found"
  | "file-line-too-long"
  | "file-aborted";
