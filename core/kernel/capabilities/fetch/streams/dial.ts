import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type Injection, inject } from "@plugboard/plugin-sdk/exchange";
import { type ClientOptions, WebSocket } from "ws";
import type { CapabilityError } from "../../errors.ts";
import { dial, type Target, toSendFailure } from "../send/index.ts";
import type { Route } from "../types.ts";
import type { CheckedHandshake } from "./handshake.ts";
import { brokenOff, StreamEnded } from "./stream-ended.ts";

/** Of one message: more pieces are made to cost memory. */
const mostFragments = 1_024;
const mostChunks = 16 * 1_024;
/** What a vendor that was told goodbye may take to say it too. */
const closeTimeoutMs = 2_000;

/** A socket that is open, and the system's below it. */
export interface Dialled {
  socket: WebSocket;
  raw: Socket;
}

/**
 * Asks for a socket at a checked address. Nothing is followed, and nothing is compressed: what a few bytes become, nobody
 * would have counted.
 * @throws StreamEnded `stream-refused`, `stream-unauthorized`; CapabilityError `fetch-failed`; the signal's reason
 */
export async function dialStream(
  handshake: CheckedHandshake & { route: Route },
  { injection, maxMessageBytes, signal }: Wishes,
): Promise<Dialled> {
  const { url, protocols, route } = handshake;
  const host = url.hostname;
  const place: Target = { url, route, protocols: ["http/1.1"], session: undefined, onSession: () => {} };
  const added = inject(handshake, injection);
  const target = new URL(added.url);
  target.protocol = "standIn" in route ? "ws:" : "wss:";
  const raw = await dial(place, signal).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : toSendFailure(error, host, false);
  });
  const options: ClientOptions & { closeTimeout: number } = {
    createConnection: () => raw,
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: maxMessageBytes,
    maxFragments: mostFragments,
    maxBufferedChunks: mostChunks,
    autoPong: false,
    closeTimeout: closeTimeoutMs,
    headers: { "user-agent": "Plugboard", ...Object.fromEntries(added.headers) },
  };
  const socket = over(raw, () => new WebSocket(target, [...protocols], options));
  const { promise, resolve, reject } = Promise.withResolvers<Dialled>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  socket.on("error", (error) => reject(brokenOff(error, host)));
  socket.once("unexpected-response", (request, response) => {
    reject(refusedBy(host, response));
    request.destroy();
  });
  socket.once("open", () => {
    // Before anything that came with the answer is read.
    socket.pause();
    resolve({ socket, raw });
  });
  try {
    return await promise;
  } catch (error) {
    socket.terminate();
    raw.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** What cannot be begun leaves no socket open. */
function over<T>(raw: Socket, begin: () => T): T {
  try {
    return begin();
  } catch (error) {
    raw.destroy();
    throw error;
  }
}

interface Wishes {
  injection: Injection;
  maxMessageBytes: number;
  signal: AbortSignal;
}

/** An answer to a handshake that opens nothing; `status` for whoever may try again with another credential. */
export class HandshakeRefused extends StreamEnded {
  readonly status: number;

  constructor(host: string, status: number, retryAfterMs: number | undefined) {
    const message = `${host} answered with ${status} rather than by opening a WebSocket.`;
    super(status === 401 ? "stream-unauthorized" : "stream-refused", message, {
      retryAfterMs,
    });
    this.status = status;
  }
}

function refusedBy(host: string, { statusCode = 0, headers }: IncomingMessage): CapabilityError {
  const seconds = Number(headers["retry-after"]);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  return new HandshakeRefused(host, statusCode, retryAfterMs);
}
