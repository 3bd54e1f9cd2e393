/**
 * Why no token came.
 * - `refused`: the vendor says for certain that what was shown is no good (any more): a person has to agree anew.
 * - `client-refused`: it does not accept who asks, or what for. The connection may be fine.
 * - `unanswered`: nobody knows. The request may have been heard, or not.
 */
export type TokenFailureKind = "refused" | "client-refused" | "unanswered";

/** Never holds what was sent or answered: a token endpoint's answers have tokens in them, its errors what it was told. */
export class TokenFailure extends Error {
  override readonly name = "TokenFailure";
  readonly kind: TokenFailureKind;
  /** One of the registered codes (RFC 6749, section 5.2), or what else is known. */
  readonly code: string;

  constructor(kind: TokenFailureKind, code: string, message: string) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}

/** Those that a vendor may say; anything else could be a text of its own making. */
const knownCodes = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "invalid_target",
  "access_denied",
  "server_error",
  "temporarily_unavailable",
  "consent_required",
  "interaction_required",
  "login_required",
  "account_selection_required",
  "unsupported_response_type",
];

/** The code as it may be logged and shown. */
export function knownCode(code: string | null | undefined): string {
  return code && knownCodes.includes(code) ? code : "unknown_error";
}
