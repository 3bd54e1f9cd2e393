import { CapabilityError } from "../errors.ts";

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

const unreachable = [
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
];
const cut = [
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
  "ERR_STREAM_PREMATURE_CLOSE",
];
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|^EPROTO$|^HOSTNAME_MISMATCH$/;

/** @param error got's or Node's. It may hold the credential in its options, so it is neither kept nor logged. */
export function toSendFailure(error: unknown, host: string): SendFailure {
  const code = codeOf(error);
  if (unreachable.includes(code)) {
    // The network can go away under a request that has left, too.
    const stage = isOfConnecting(error) ? "before-sending" : "on-the-way";
    return new SendFailure(stage, `${host} could not be reached (${code}).`);
  }
  if (certificate.test(code)) {
    return new SendFailure("for-good", `${host} did not show a certificate that can be trusted (${code}).`);
  }
  if (cut.includes(code)) {
    return new SendFailure("on-the-way", `${host} broke off the connection before its reply was complete.`);
  }
  return new SendFailure("on-the-way", `${host} did not answer in proper HTTP.`);
}

/** got keeps the system's error as the cause of its own. */
function isOfConnecting(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("syscall" in error && typeof error.syscall === "string")
    return ["connect", "getaddrinfo"].includes(error.syscall);
  // Of a host with several addresses there is an error for each.
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isOfConnecting);
  return isOfConnecting(error.cause);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
