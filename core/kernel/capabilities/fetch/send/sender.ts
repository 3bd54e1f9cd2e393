import { CapabilityError } from "../../errors.ts";
import type { Header, VendorResponse } from "../types.ts";
import { acceptedCodings } from "./decode.ts";
import type { Link, LinkRequest } from "./link.ts";
import type { Pool, PoolOptions } from "./pool.ts";
import { type ReceiveOptions, receive } from "./receive.ts";
import { toSendFailure } from "./send-failure.ts";
import { createSockets } from "./sockets.ts";

export interface Sender {
  /**
   * Sends one request, once, and reads its whole reply, decompressed.
   * @throws CapabilityError `fetch-response-too-large`, SendFailure, the signal's reason, or what `grow` or the sink throws
   */
  send(request: LinkRequest, options: SendOptions): Promise<VendorResponse>;
  close(): void;
}

export interface SendOptions extends ReceiveOptions {
  /** Whose sockets are used. */
  connectionId: string;
  signal: AbortSignal;
}

const defaults: readonly Header[] = [
  ["user-agent", "Plugboard"],
  ["accept", "*/*"],
  ["accept-encoding", acceptedCodings],
];

/** Every socket that is kept was opened to addresses that had been checked. */
export function createSender(options: PoolOptions = { http2: true }): Sender {
  const sockets = createSockets(options);
  return {
    async send(request, options) {
      const { signal, connectionId } = options;
      signal.throwIfAborted();
      const { pool, leave } = sockets.enter(connectionId);
      try {
        return await sendOver(pool, asSent(request), options);
      } finally {
        leave();
      }
    },
    close: sockets.close,
  };
}

/** Over a link that is kept, if one is; where that turns out to be closed before anything has left, over another one. */
async function sendOver(pool: Pool, request: LinkRequest, options: SendOptions): Promise<VendorResponse> {
  const { hostname } = request.url;
  for (;;) {
    const { link, isKept } = await pool.take(request, options.signal).catch((error: unknown) => {
      options.signal.throwIfAborted();
      return fail(error, hostname, false);
    });
    const { outcome, hasLeft } = await exchange(link, request, options);
    if ("response" in outcome) return outcome.response;
    options.signal.throwIfAborted();
    const isOfLink = !hasLeft && isKept && !(outcome.error instanceof CapabilityError);
    if (!isOfLink) fail(outcome.error, hostname, hasLeft);
  }
}

type Outcome = { response: VendorResponse } | { error: unknown };

async function exchange(
  link: Link,
  request: LinkRequest,
  options: SendOptions,
): Promise<{ outcome: Outcome; hasLeft: boolean }> {
  const { signal } = options;
  const receiving = receive(request.url.hostname, options, () => takeBack());
  const takeBack = link.send(request, receiving.hears);
  const abort = () => {
    takeBack();
    receiving.hears.failed(signal.reason);
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  try {
    return { outcome: { response: await receiving.response }, hasLeft: true };
  } catch (error) {
    return { outcome: { error }, hasLeft: receiving.hasLeft() };
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function fail(error: unknown, hostname: string, hasLeft: boolean): never {
  throw error instanceof CapabilityError ? error : toSendFailure(error, hostname, hasLeft);
}

function asSent(request: LinkRequest): LinkRequest {
  const { method, headers, body } = request;
  const isBodyless = method === "GET" || method === "HEAD";
  return { ...request, headers: joined(headers), body: isBodyless ? null : body };
}

/** Several of one name become one, as Fetch's Headers does it. */
function joined(headers: readonly Header[]): Header[] {
  const byName = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = byName.get(name);
    byName.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  for (const [name, value] of defaults) if (!byName.has(name)) byName.set(name, value);
  return [...byName];
}
