import { CapabilityError } from "../../errors.ts";

/** How far a request came: a failure before sending has done nothing at the vendor; one for good will not get better. */
export type FailureStage = "before-sending" | "on-the-way" | "for-good";

/** A request that got no whole reply. Made from a library's error, of which it keeps nothing but a system code. */
export class SendFailure extends CapabilityError {
  readonly stage: FailureStage;

  constructor(stage: FailureStage, message: string) {
    super("fetch-failed", message);
    this.stage = stage;
  }
}

const certificate = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|^EPROTO$|^HOSTNAME_MISMATCH$/;
const unsendableCodes = ["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED"];
const cut = [
  "ECONNABORTED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "UND_ERR_SOCKET",
];

/**
 * @param error undici's or Node's. It may hold the credential, so it is neither kept nor logged.
 * @param hasLeft whether anything of the request may have been sent; once a single byte may have, it has left
 */
export function toSendFailure(error: unknown, host: string, hasLeft: boolean): SendFailure {
  const code = codeOf(error);
  if (certificate.test(code)) {
    return new SendFailure("for-good", `${host} did not show a certificate that can be trusted (${code}).`);
  }
  if (unsendableCodes.includes(code)) return unsendable(host);
  if (!hasLeft) {
    return new SendFailure("before-sending", `${host} could not be reached${code && ` (${code})`}.`);
  }
  if (cut.includes(code)) {
    return new SendFailure("on-the-way", `${host} broke off the connection before its reply was complete.`);
  }
  return new SendFailure("on-the-way", `${host} did not answer in proper HTTP.`);
}

export function unsendable(host: string): SendFailure {
  return new SendFailure("for-good", `The request to ${host} cannot be written as HTTP.`);
}

/** Of a host with several addresses there is an error for each. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : "";
}
