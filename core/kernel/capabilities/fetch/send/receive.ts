import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EgressLimitReached } from "../limits.ts";
import type { VendorResponse } from "../types.ts";
import { codingsOf, decodersFor } from "./decode.ts";
import type { BodySink, Flow, Hears, VendorHead } from "./link.ts";
import { SendFailure } from "./send-failure.ts";

export interface ReceiveOptions {
  maxResponseBytes: number;
  /** Hears of every piece of the body before it is kept, and may refuse it. */
  grow(bytes: number): void;
  /**
   * Asked once the head is there. Where it gives a sink the body goes into that, decompressed and up to `maxSinkBytes`, and
   * is empty in the response; nothing of it is kept, so `grow` hears nothing.
   */
  sink?: ((head: VendorHead) => BodySink | undefined) | undefined;
  /** Default: `maxResponseBytes`. */
  maxSinkBytes?: number;
}

/** Reads one reply off a link. */
export interface Receiving {
  hears: Hears;
  hasLeft(): boolean;
  /** @throws EgressLimitReached, SendFailure, what the link failed with, or what `grow` or the sink throws */
  response: Promise<VendorResponse>;
}

/** Takes the pieces of a body. `push` and `end` may throw. */
interface Intake {
  push(piece: Buffer): void;
  end(): void;
  fail(error: unknown): void;
}

/** @param giveUp ends the request on its link, where something else than the link is the reason */
export function receive(host: string, options: ReceiveOptions, giveUp: () => void): Receiving {
  const { promise: response, resolve, reject } = Promise.withResolvers<VendorResponse>();
  let hasLeft = false;
  let intake: Intake | undefined;

  function open(head: VendorHead, flow: Flow): Intake {
    const codings = readHead(head, host);
    const sink = options.sink?.(head);
    const chunks: Buffer[] = [];
    const { maxResponseBytes, maxSinkBytes = maxResponseBytes } = options;
    const take = sink ? bounded(maxSinkBytes, sink) : bounded(maxResponseBytes, collector(chunks, options));
    const done = () =>
      resolve({ ...head, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) });
    if (codings.length === 0 && !sink) return { push: take, end: done, fail() {} };
    return streamed({ codings, take, flow, host }, done, (error) => {
      reject(error);
      giveUp();
    });
  }

  return {
    response,
    hasLeft: () => hasLeft,
    hears: {
      leaving() {
        hasLeft = true;
      },
      head(head, flow) {
        intake = open(head, flow);
      },
      piece: (piece) => intake?.push(piece),
      end: () => intake?.end(),
      failed(error) {
        intake?.fail(error);
        reject(error);
      },
    },
  };
}

function collector(chunks: Buffer[], { grow }: ReceiveOptions): (piece: Buffer) => void {
  return (piece) => {
    grow(piece.length);
    chunks.push(piece);
  };
}

function bounded<T>(most: number, take: (piece: Buffer) => T): (piece: Buffer) => T {
  let bytes = 0;
  return (piece) => {
    bytes += piece.length;
    if (bytes <= most) return take(piece);
    throw new EgressLimitReached(
      "maxResponseBytes",
      "fetch-response-too-large",
      `The vendor's reply has more than ${most} bytes, the most it may.`,
    );
  };
}

/** For what is decompressed, or goes into a sink: the vendor is held back while that takes its time. */
function streamed(
  { codings, take, flow, host }: { codings: string[]; take: BodySink; flow: Flow; host: string },
  done: () => void,
  failed: (error: unknown) => void,
): Intake {
  let raw: Readable | undefined;

  function start(first: Buffer): Readable {
    const source = new Readable({ read: () => flow.resume() });
    pipeline([
      source,
      ...decodersFor(codings, first),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) await take(piece);
      },
    ]).then(done, (error) => failed(ofCoding(error, host)));
    return source;
  }

  return {
    push(piece) {
      raw ??= start(piece);
      if (!raw.push(piece)) flow.pause();
    },
    end() {
      // Nothing is nothing in every coding.
      if (raw) raw.push(null);
      else done();
    },
    fail: (error) => raw?.destroy(error instanceof Error ? error : new Error("failed")),
  };
}

function ofCoding(error: unknown, host: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(Z_|ERR_BROTLI|ERR__ERROR_FORMAT|ERR_PADDING|ZSTD_|ERR_ZSTD)/.test(code)
    ? new SendFailure("on-the-way", `${host} answered in another content coding than it said.`)
    : error;
}

/** @returns the codings that the body is in. @throws SendFailure */
function readHead({ status, headers }: VendorHead, host: string): string[] {
  // What parses as HTTP, and is none that was asked for; a `Response` could not hold such a status either.
  const isTransferCoded = headers.some(
    ([name, value]) => name === "transfer-encoding" && value.trim().toLowerCase() !== "chunked",
  );
  if (status < 200 || status > 599 || isTransferCoded) {
    throw new SendFailure("for-good", `${host} did not answer in proper HTTP.`);
  }
  const codings = codingsOf(headers);
  if (codings) return codings;
  // What is not decoded here could be decoded by the plugin, behind the scrubber's back.
  throw new SendFailure("for-good", `${host} answered in a content coding that was not asked for.`);
}
