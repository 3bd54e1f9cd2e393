/**
 * Why no token came.
 * - `refused`: the vendor says for certain that what was shown is no good (any more): a person has to agree anew.
 * - `client-refused`: it does not accept who asks, or what for, or says why in words of its own. The connection may be fine.
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

/**
 * What the registered codes say (RFC 6749, sections 4.1.2.1 and 5.2; RFC 8707; RFC 8628; OpenID Connect Core, section
 * 3.1.2.6). Anything else could be a text of a vendor's own making, and says nothing for certain.
 */
const kinds: Record<string, TokenFailureKind> = {
  invalid_grant: "refused",
  interaction_required: "refused",
  login_required: "refused",
  consent_required: "refused",
  account_selection_required: "refused",
  invalid_request: "client-refused",
  invalid_client: "client-refused",
  unauthorized_client: "client-refused",
  unsupported_grant_type: "client-refused",
  unsupported_response_type: "client-refused",
  invalid_scope: "client-refused",
  invalid_target: "client-refused",
  access_denied: "client-refused",
  server_error: "unanswered",
  temporarily_unavailable: "unanswered",
  slow_down: "unanswered",
};

/** What follows from a code that a token endpoint refused with. */
export function kindOf(code: string): TokenFailureKind {
  return Object.hasOwn(kinds, code) ? (kinds[code] ?? "client-refused") : "client-refused";
}

/** The code as it may be logged and shown. */
export function knownCode(code: string | null | undefined): string {
  return code && Object.hasOwn(kinds, code) ? code : "unknown_error";
}
