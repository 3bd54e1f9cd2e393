import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { Client, type Dispatcher } from "undici";
import type { Header } from "../types.ts";
import type { Hears, Link, LinkRequest } from "./link.ts";

/** Shorter than what servers use (5 s and more), so that a socket is seldom closed under a request. */
const idleSocketMs = 4_000;
const maxHeaderBytes = 16 * 1024;

/** What a vendor may send around a body (chunk sizes, extensions, trailers): so much, and so many times the body. */
const maxFramingBytes = 256 * 1024;
const maxFramingFactor = 16;

/**
 * HTTP/1.1 over one socket, a request at a time. The client of undici has this socket and never gets another one: it would
 * open it without asking what addresses were checked, and send again what may have been sent.
 */
export function openHttp1(origin: string, socket: Socket, onClose: () => void): Link {
  let isBusy = false;
  let isGiven = false;
  const client = new Client(origin, {
    connect(_options, callback) {
      const isFirst = !isGiven;
      isGiven = true;
      // Later, as one that really dials would.
      queueMicrotask(() => {
        if (isFirst) callback(null, socket);
        else callback(new Error("The connection was closed before the request left."), null);
      });
    },
    pipelining: 1,
    keepAliveTimeout: idleSocketMs,
    keepAliveMaxTimeout: idleSocketMs,
    maxHeaderSize: maxHeaderBytes,
    // The deadline of a request is its signal's.
    headersTimeout: 0,
    bodyTimeout: 0,
    useMilo: false,
  });

  socket.once("close", onClose);
  // Where undici finds itself in a state that it thinks cannot be. Nobody hearing of it would end the process.
  (client as EventEmitter).on("error", close);

  /** With an error, or a body that is being sent would wait for the socket for ever. */
  function close(): void {
    socket.destroy(new Error("The connection was given up."));
  }

  return {
    claim() {
      if (isBusy || socket.destroyed || socket.readableEnded) return false;
      isBusy = true;
      return true;
    },
    close,
    send(request, hears) {
      let isOver = false;
      const over = (tell: () => void) => {
        if (isOver) return;
        isOver = true;
        isBusy = false;
        tell();
      };
      client.dispatch(
        dispatchOptions(request),
        handler(socket, hears, {
          end: () => over(() => hears.end()),
          failed: (error) => {
            over(() => hears.failed(error));
            close();
          },
        }),
      );
      // A socket with an answer on it that nobody waits for is of no use to anybody.
      return () => over(close);
    },
  };
}

function dispatchOptions({ method, url, headers, body, route }: LinkRequest): Dispatcher.DispatchOptions {
  const isStreamed = body !== null && "stream" in body;
  const sent = headers.flat();
  if ("standIn" in route) sent.push("host", url.host);
  if (isStreamed) sent.push("content-length", String(body.byteLength));
  return {
    method,
    path: url.pathname + url.search,
    headers: sent,
    // The types know Node's streams alone; any iterable will do, and is asked for its pieces when the request leaves.
    body: (isStreamed
      ? { [Symbol.asyncIterator]: () => body.stream()[Symbol.asyncIterator]() }
      : body) as Uint8Array | null,
  };
}

function handler(
  socket: Socket,
  hears: Hears,
  { end, failed }: Pick<Hears, "end" | "failed">,
): Dispatcher.DispatchHandler {
  let bodyStartsAt = 0;
  let bytes = 0;

  function refuseFraming(): void {
    const framing = socket.bytesRead - bodyStartsAt - bytes;
    if (framing > maxFramingBytes + maxFramingFactor * bytes)
      throw new Error("The framing outweighs the body.");
  }

  return {
    onRequestStart: () => hears.leaving(),
    onResponseStart(controller, status, _headers, statusText) {
      if (status === 101) throw new Error("The protocol was switched unasked.");
      if (status < 200) return;
      bodyStartsAt = socket.bytesRead;
      const headers = headersOf(controller.rawHeaders);
      // undici reads it as UTF-8; what was no UTF-8 is no text either.
      hears.head(
        { status, statusText: Buffer.from(statusText ?? "").toString("latin1"), headers },
        controller,
      );
    },
    onResponseData(_controller, piece) {
      bytes += piece.length;
      refuseFraming();
      hears.piece(piece);
    },
    onResponseEnd: () => end(),
    onResponseError: (_controller, error) => failed(error),
  };
}

function headersOf(raw: Dispatcher.DispatchController["rawHeaders"]): Header[] {
  if (!Array.isArray(raw)) return [];
  const headers: Header[] = [];
  for (let i = 0; i < raw.length; i += 2) headers.push([text(raw[i]).toLowerCase(), text(raw[i + 1])]);
  return headers;
}

function text(raw: Buffer | string | undefined): string {
  return typeof raw === "string" ? raw : (raw?.toString("latin1") ?? "");
}
