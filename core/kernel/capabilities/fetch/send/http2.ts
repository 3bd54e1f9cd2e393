import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
  sensitiveHeaders,
} from "node:http2";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Header } from "../types.ts";
import type { Hears, Link, LinkRequest } from "./link.ts";
import { unsendable } from "./send-failure.ts";

/** As for HTTP/1.1. */
const idleSessionMs = 4_000;
const maxHeaderBytes = 16 * 1024;
const mostStreams = 100;
/** What a vendor may send of a body that nobody takes at the moment. */
const streamWindowBytes = 256 * 1024;
/** Of all bodies together. Node opens it again with what arrives, taken or not: one that stands still holds up no other. */
const sessionWindowBytes = 1024 * 1024;

const mostHeaders = 256;
/** Beyond it Node refuses answers, and counts bodies on their way out, for which the broker has its own bounds. */
const sessionMegabytes = 512;

/**
 * HTTP/2 over one TLS socket. Node's own, because undici's repeats by itself what a vendor refuses (GOAWAY, REFUSED_STREAM),
 * writes too, and what may be repeated is not its to say. After floods of frames Node looks itself.
 * @throws the system's error, or the signal's reason
 */
export async function openHttp2(
  origin: string,
  socket: Socket,
  signal: AbortSignal,
  onClose: () => void,
): Promise<Link> {
  const session = connect(origin, {
    createConnection: () => socket,
    maxHeaderListPairs: mostHeaders,
    maxSessionMemory: sessionMegabytes,
    settings: { enablePush: false, initialWindowSize: streamWindowBytes, maxHeaderListSize: maxHeaderBytes },
  });
  session.once("close", onClose);
  const close = () => {
    session.destroy();
    // A session that has ended in good order would wait for the vendor to close it, for ever if the vendor likes.
    socket.destroy();
  };
  await settled(session, signal, close);
  session.setLocalWindowSize(sessionWindowBytes);
  return linkOver(session, close);
}

/** Until the vendor has said how many requests it takes at a time: what is beyond that it may refuse. */
async function settled(session: ClientHttp2Session, signal: AbortSignal, close: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Where the signal is aborted before anybody waits, it is rejected all the same.
  promise.catch(() => {});
  // Also what comes later: it is heard by those whose requests it ends.
  session.on("error", reject);
  session.once("close", () => reject(new Error("The session was closed.")));
  session.once("remoteSettings", () => resolve());
  signal.addEventListener("abort", close, { once: true });
  try {
    signal.throwIfAborted();
    await promise;
  } catch (error) {
    close();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

function linkOver(session: ClientHttp2Session, close: () => void): Link {
  let streams = 0;
  let expiry: NodeJS.Timeout | undefined;
  let isDoubtful = false;

  function hasRoom(): boolean {
    const most = Math.min(session.remoteSettings?.maxConcurrentStreams ?? mostStreams, mostStreams);
    return !isDoubtful && !session.closed && !session.destroyed && streams < most;
  }

  function leave(): void {
    streams--;
    if (streams > 0) return;
    if (session.closed) close();
    else expiry = setTimeout(close, idleSessionMs).unref();
  }

  session.once("goaway", () => {
    if (streams === 0) close();
  });

  /** A request got no answer: it may be that nobody is there any more, and the next one had better not find out. */
  function doubt(): void {
    if (isDoubtful || session.closed || session.destroyed) return;
    isDoubtful = true;
    session.ping((error) => {
      isDoubtful = error !== null;
    });
  }

  return {
    claim() {
      if (!hasRoom()) return false;
      clearTimeout(expiry);
      streams++;
      return true;
    },
    close,
    send(request, hears) {
      let isOver = false;
      let isAnswered = false;
      const over = (tell: () => void) => {
        if (isOver) return;
        isOver = true;
        leave();
        tell();
      };
      let stream: ClientHttp2Stream;
      try {
        stream = session.request(headersOf(request), { endStream: request.body === null });
      } catch (error) {
        const isClosed = session.closed || session.destroyed;
        const reason = isClosed ? error : unsendable(request.url.hostname);
        queueMicrotask(() => over(() => hears.failed(reason)));
        return () => over(() => {});
      }
      hears.leaving();
      const failed = (error: unknown) =>
        over(() => {
          cancel(stream);
          hears.failed(error);
        });
      const head: Hears["head"] = (its, flow) => {
        isAnswered = true;
        hears.head(its, flow);
      };
      const end = () =>
        over(() => {
          // A vendor may answer before it has taken the whole body: what is left of that is not kept for it.
          if (!stream.writableFinished) cancel(stream);
          hears.end();
        });
      listen(stream, { piece: hears.piece, head, end, failed });
      if (request.body) write(stream, request.body, failed);
      return () =>
        over(() => {
          cancel(stream);
          if (!isAnswered) doubt();
        });
    },
  };
}

/** That a body is as long as was announced Node looks after itself (RFC 9113, section 8.1.1). */
function listen(stream: ClientHttp2Stream, hears: Omit<Hears, "leaving">): void {
  const wasEnded = watchEnd(stream);
  const attempt = (tell: () => void) => {
    try {
      tell();
    } catch (error) {
      hears.failed(error);
    }
  };
  stream.on("response", (headers, _flags, raw: string[]) => {
    attempt(() => {
      const status = Number(headers[":status"]);
      hears.head({ status, statusText: "", headers: readHeaders(raw) }, stream);
    });
  });
  stream.on("data", (piece: Buffer) => attempt(() => hears.piece(piece)));
  stream.on("end", () => {
    if (wasEnded()) attempt(hears.end);
    else hears.failed(new Error("The body broke off."));
  });
  stream.on("error", hears.failed);
  stream.on("close", () => hears.failed(new Error("The stream was closed.")));
}

/**
 * Whether the vendor said that this was all. Node ends a stream that was reset without an error, or cancelled, as it ends
 * one that is whole; but there it has closed it before.
 */
function watchEnd(stream: ClientHttp2Stream): () => boolean {
  const { push } = stream;
  let wasEnded: boolean | undefined;
  stream.push = (piece, encoding) => {
    if (piece === null) wasEnded ??= !stream.closed;
    return push.call(stream, piece, encoding);
  };
  return () => wasEnded === true;
}

function write(
  stream: ClientHttp2Stream,
  body: NonNullable<LinkRequest["body"]>,
  failed: (error: unknown) => void,
): void {
  if (!("stream" in body)) {
    stream.end(body);
    return;
  }
  const source = Readable.from(exactly(body.stream(), body.byteLength), { objectMode: false });
  source.on("error", failed);
  stream.once("close", () => source.destroy());
  source.pipe(stream);
}

async function* exactly(pieces: AsyncIterable<Uint8Array>, byteLength: number) {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (bytes > byteLength) break;
    yield piece;
  }
  if (bytes !== byteLength) throw new Error("The body has another length than was said.");
}

function cancel(stream: ClientHttp2Stream): void {
  if (stream.destroyed) return;
  stream.close(constants.NGHTTP2_CANCEL);
  stream.destroy();
}

/** None of them is kept in the table that both sides share: what is in it can be told from the sizes of what is sent. */
function headersOf({ method, url, headers, body }: LinkRequest): OutgoingHttpHeaders {
  const hasLength = body !== null || ["POST", "PUT", "PATCH"].includes(method);
  return {
    ...Object.fromEntries(headers),
    ":method": method,
    ":scheme": "https",
    ":authority": url.host,
    ":path": url.pathname + url.search,
    ...(hasLength && { "content-length": String(body?.byteLength ?? 0) }),
    [sensitiveHeaders]: headers.map(([name]) => name),
  };
}

/** Node holds a vendor to `maxHeaderListSize` only once the vendor has said that it read it. */
function readHeaders(raw: readonly string[]): Header[] {
  const headers: Header[] = [];
  let bytes = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const value = raw[i + 1] ?? "";
    bytes += name.length + value.length;
    if (!name.startsWith(":")) headers.push([name, value]);
  }
  if (bytes > maxHeaderBytes) throw new Error("The headers are too large.");
  return headers;
}
