import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import got, { type OptionsInit } from "got";
import { CapabilityError } from "../errors.ts";
import { EgressLimitReached } from "./limits.ts";
import { pinnedLookup } from "./resolve.ts";
import { SendFailure, toSendFailure } from "./send-failure.ts";
import { type Agents, createSockets } from "./sockets.ts";
import type { Header, OutgoingRequest, VendorResponse } from "./types.ts";

export interface Sender {
  /**
   * Sends one request and reads its whole reply, decompressed.
   * @throws CapabilityError `fetch-response-too-large`, SendFailure, the signal's reason, or what `grow` throws
   */
  send(request: OutgoingRequest, options: SendOptions): Promise<VendorResponse>;
  close(): void;
}

export interface SendOptions {
  /** Whose sockets are used. */
  connectionId: string;
  signal: AbortSignal;
  maxResponseBytes: number;
  /** Hears of every piece of the body before it is kept, and may refuse it. */
  grow(bytes: number): void;
}

const knownCodings = ["gzip", "x-gzip", "deflate", "br", "zstd", "identity"];

const client = got.extend({
  https: { rejectUnauthorized: true }, // also where the environment says otherwise
  retry: { limit: 0 },
  followRedirect: false,
  throwHttpErrors: false,
  headers: { "user-agent": "Plugboard", accept: "*/*" },
});

/** Every socket that is kept was opened to addresses that had been checked. */
export function createSender(): Sender {
  const sockets = createSockets();
  return {
    async send(request, options) {
      const { signal } = options;
      signal.throwIfAborted();
      const { agents, leave } = sockets.enter(options.connectionId);
      try {
        return await exchange(request, options, agents);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw error instanceof CapabilityError ? error : toSendFailure(error, request.url.hostname);
      } finally {
        leave();
      }
    },
    close: sockets.close,
  };
}

async function exchange(
  request: OutgoingRequest,
  options: SendOptions,
  agent: Agents,
): Promise<VendorResponse> {
  const { signal } = options;
  const stream = client.stream(dialledUrl(request), { ...optionsOf(request), agent, signal });
  stream.on("error", () => {}); // it is thrown to whoever reads; what comes after that has no reader
  stream.once("upgrade", (_response, socket: Socket) => {
    socket.destroy(); // nothing was asked to be upgraded, and nothing would answer any more
    stream.destroy(new Error("upgraded unasked"));
  });
  try {
    const [response] = (await once(stream, "response")) as [IncomingMessage];
    const headers = headersOf(response);
    refuseStrange(response, request.url.hostname);
    refuseUnknownCoding(headers, request.url.hostname);
    const body = await readBody(stream, options);
    return { status: response.statusCode ?? 0, statusText: response.statusMessage ?? "", headers, body };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function optionsOf({ method, url, headers, body, route }: OutgoingRequest): OptionsInit {
  const bodyless = method === "GET" || method === "HEAD";
  return {
    method,
    headers: { ...joined(headers), ...("standIn" in route && { host: url.host }) },
    // got takes a stream without a body for one that is still to be written.
    ...(!bodyless && { body: body ?? new Uint8Array(0) }),
    ...("addresses" in route && { dnsLookup: pinnedLookup(url.hostname, route.addresses) }),
  };
}

/** Part by part: a path such as `//evil.example` resolved against a base would change the host. */
function dialledUrl({ url, route }: OutgoingRequest): URL {
  if (!("standIn" in route)) return url;
  const dialled = new URL(route.standIn);
  dialled.pathname = url.pathname;
  dialled.search = url.search;
  return dialled;
}

/** Several of one name become one, as Fetch's Headers does it. */
function joined(headers: readonly Header[]): Record<string, string> {
  const byName = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, same]) => [name, same.map(([, value]) => value).join(", ")]),
  );
}

function headersOf({ rawHeaders }: IncomingMessage): Header[] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, i): Header => {
    return [(rawHeaders[2 * i] ?? "").toLowerCase(), rawHeaders[2 * i + 1] ?? ""];
  });
}

/** What parses as HTTP, and is none that was asked for; a `Response` could not hold such a status either. */
function refuseStrange({ statusCode = 0, headers }: IncomingMessage, host: string): void {
  const transferCoding = headers["transfer-encoding"]?.trim().toLowerCase() ?? "chunked";
  if (statusCode >= 200 && statusCode <= 599 && transferCoding === "chunked") return;
  throw new SendFailure("for-good", `${host} did not answer in proper HTTP.`);
}

/** What is not decoded here could be decoded by the plugin, behind the scrubber's back. */
function refuseUnknownCoding(headers: Header[], host: string): void {
  const codings = headers
    .filter(([name]) => name === "content-encoding")
    .flatMap(([, value]) => value.toLowerCase().split(","))
    .map((coding) => coding.trim());
  if (codings.every((coding) => coding === "" || knownCodings.includes(coding))) return;
  throw new SendFailure("for-good", `${host} answered in a content coding that was not asked for.`);
}

async function readBody(
  stream: AsyncIterable<Buffer>,
  { maxResponseBytes: maxBytes, grow }: SendOptions,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new EgressLimitReached(
        "maxResponseBytes",
        "fetch-response-too-large",
        `The vendor's reply has more than ${maxBytes} bytes, the most it may.`,
      );
    }
    grow(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
