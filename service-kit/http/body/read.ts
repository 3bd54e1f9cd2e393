import type { IncomingMessage } from "node:http";
import { type Gathering, gatherBytes } from "../../bytes/index.ts";
import { PlugboardError } from "../errors.ts";
import { httpErrors } from "../http-errors.ts";

/** What is still taken of a body that was refused, so that the client gets to read the answer. */
const maxDiscardedBytes = 16 * 1024 * 1024;

/**
 * Reads a body whole, giving up as soon as it is past `maxBytes`, whatever its Content-Length says.
 *
 * @param grow hears of each piece before it is kept; what it throws ends the reading
 * @throws PlugboardError `payload-too-large`, or `request-incomplete` if the connection ended on the way.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  grow: (bytes: number) => void = () => {},
): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) {
    return Promise.reject(refuse(request, maxBytes));
  }
  return new Promise((resolve, reject) => {
    let body: Gathering | undefined = gatherBytes(maxBytes);
    let size = 0;
    let isWhole = false;
    request.on("data", onData).on("end", onEnd).on("error", onCut).on("close", onCut);

    function onData(chunk: Buffer) {
      size += chunk.length;
      if (size > maxBytes) {
        release();
        reject(refuse(request, maxBytes));
        return;
      }
      try {
        grow(chunk.length);
        body?.add(chunk);
      } catch (error) {
        release();
        discardRest(request);
        reject(error);
      }
    }
    function onEnd() {
      // The listeners go with the request, which is over for them: to take each away costs more than all of this. They
      // must not hold what was read until the answer is through.
      isWhole = true;
      const whole = body?.whole();
      body = undefined;
      if (whole) resolve(whole);
    }
    function onCut() {
      if (isWhole) return;
      release();
      reject(incomplete());
    }
    function release() {
      request.off("data", onData).off("end", onEnd).off("error", onCut).off("close", onCut);
    }
  });
}

/**
 * Reads a body piece by piece, giving up as soon as it is past `maxBytes`. Nobody has to read it to its end.
 *
 * @throws PlugboardError `payload-too-large`, or `request-incomplete` if the connection ended on the way.
 */
export async function* streamBody(
  request: IncomingMessage,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw refuse(request, maxBytes);
  let size = 0;
  let isWhole = false;
  try {
    // Not destroyed with the loop: the answer goes over the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
    isWhole = request.complete;
  } catch (error) {
    throw error instanceof PlugboardError ? error : incomplete();
  } finally {
    if (!isWhole) discardRest(request);
  }
  if (!isWhole) throw incomplete();
}

/** Lets the rest of a refused body run off: a client that is still sending would not see the answer. */
export function discardRest(request: IncomingMessage): void {
  let size = 0;
  request.on("error", () => {});
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxDiscardedBytes) request.destroy();
  });
}

function refuse(request: IncomingMessage, maxBytes: number) {
  discardRest(request);
  return tooLarge(maxBytes);
}

function tooLarge(maxBytes: number) {
  const detail = `The body is larger than the ${maxBytes} bytes this route takes.`;
  return httpErrors.error("payload-too-large", detail, { maxBytes });
}

function incomplete() {
  return httpErrors.error("request-incomplete", "The connection ended before the whole body had arrived.");
}
