import { CapabilityError, type CapabilityErrorCode } from "../../errors.ts";
import type { EgressLimit } from "../limits.ts";
import { toSendFailure } from "../send/index.ts";

/** How the vendor closed a socket. Without the credential, should it be in the reason. */
export interface StreamClose {
  code: number;
  reason: string;
}

/** Why there is nothing more to come over a socket. */
export class StreamEnded extends CapabilityError {
  /** What the vendor said, if it closed as it should. */
  readonly close: StreamClose | undefined;
  /** Which limit it ran into, if it did. */
  readonly limit: EgressLimit | undefined;

  constructor(
    code: CapabilityErrorCode,
    message: string,
    {
      close,
      limit,
      retryAfterMs,
    }: { close?: StreamClose; limit?: EgressLimit; retryAfterMs?: number | undefined } = {},
  ) {
    super(code, message, undefined, retryAfterMs);
    this.close = close;
    this.limit = limit;
  }
}

/** Registered with IANA: what says that the other side may not, or may not any more. Further ones a plugin declares. */
const unauthorized = [1008, 3000, 3003];

/** @param declared further codes, by the plugin */
export function isUnauthorizedClose(code: number, declared: readonly number[] = []): boolean {
  return unauthorized.includes(code) || declared.includes(code);
}

export function closedBy(host: string, { code, reason }: StreamClose): StreamEnded {
  const why = reason === "" ? "" : `: ${reason}`;
  return new StreamEnded("stream-closed", `${host} closed the stream with ${code}${why}`, {
    close: { code, reason },
  });
}

/** @param error of `ws`, or of the system; it is neither kept nor logged */
export function brokenOff(error: unknown, host: string): CapabilityError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH")
    return new StreamEnded("stream-message-too-large", `${host} sent a message larger than one may be.`, {
      limit: "maxStreamMessageBytes",
    });
  if (code.startsWith("WS_ERR_"))
    return new StreamEnded("stream-malformed", `${host} sent what is no proper WebSocket (${code}).`);
  return toSendFailure(error, host, true);
}
