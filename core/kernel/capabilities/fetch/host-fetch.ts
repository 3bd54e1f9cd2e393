import { randomUUID } from "node:crypto";
import { createUnderWay } from "@plugboard/service-kit/under-way";
import { CapabilityError } from "../errors.ts";
import { openCall, whileOpen } from "./call.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createPublicResolver, type Resolve } from "./resolve.ts";
import { createStandIns } from "./rewrite.ts";
import { createSender } from "./send/index.ts";
import type { Header, VendorResponse } from "./types.ts";

/**
 * A `fetch` for what the host itself asks of a vendor: token endpoints, discovery, keys. It goes where plugins' requests
 * may go, to checked public addresses and the operator's stand-ins, and adds no credential. It knows `method`, `headers`,
 * `body` (text, bytes, URLSearchParams) and `signal`; redirects are never followed: they are answered as they are.
 *
 * @throws CapabilityError `fetch-invalid-request`, `fetch-dns-failed`, `fetch-address-not-public`, `fetch-failed`,
 *   `fetch-timeout`, `fetch-aborted`, `fetch-request-too-large`, `fetch-response-too-large`. None holds what was sent.
 */
export type HostFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface HostFetchOptions {
  /** As `PLUGBOARD_EGRESS_REWRITE` says. */
  rewrite: Record<string, string>;
  /** As of the broker. */
  http2?: boolean;
  resolve?: Resolve;
  clock?: Clock;
  /** For one request, in ms. Default 10,000. */
  timeoutMs?: number;
  /** Default 1 MiB. */
  maxResponseBytes?: number;
  /** Default 1 MiB. */
  maxRequestBytes?: number;
}

const MiB = 1024 * 1024;
const bodyless = [204, 205, 304];

export function createHostFetch(options: HostFetchOptions): { fetch: HostFetch; close(): void } {
  const { clock = systemClock, timeoutMs = 10_000 } = options;
  const { maxResponseBytes = MiB, maxRequestBytes = MiB } = options;
  const standInFor = createStandIns(options.rewrite);
  const resolvePublic = createPublicResolver(options.resolve);
  const sender = createSender({ http2: options.http2 ?? true });
  const open = createUnderWay<AbortController>();

  return {
    async fetch(input, init) {
      // Before a Request is made of it: its error would quote a password.
      const url = checkUrl(input instanceof Request ? input.url : input);
      const request = new Request(input, init);
      const { method } = request;
      const call = openCall({ clock, timeoutMs, caller: request.signal, open });
      try {
        const body = request.body ? new Uint8Array(await whileOpen(call, request.arrayBuffer())) : null;
        refuseLarge(body, maxRequestBytes);
        const headers = [...request.headers].filter(([name]) => name !== "content-length");
        const standIn = standInFor(url);
        const route = standIn ? { standIn } : { addresses: await whileOpen(call, resolvePublic(url)) };
        // A socket for each request: what a vendor sends late must not be read as the answer to another tenant's.
        const connectionId = `host ${randomUUID()}`;
        const { signal } = call;
        const sent = { method, url, headers, body, route };
        const response = await sender.send(sent, { connectionId, signal, maxResponseBytes, grow: () => {} });
        return toResponse(response);
      } catch (error) {
        throw call.signal.aborted ? call.signal.reason : error;
      } finally {
        call.end();
      }
    },
    close() {
      for (const call of open) call.abort(new CapabilityError("fetch-aborted", "The host is shutting down."));
      sender.close();
    },
  };
}

function checkUrl(text: string | URL): URL {
  const url = URL.parse(text);
  if (!url) throw new CapabilityError("fetch-invalid-request", "The URL must be absolute and well-formed.");
  if (url.protocol !== "https:" || url.username !== "" || url.password !== "") {
    throw new CapabilityError(
      "fetch-invalid-request",
      `The host asks vendors over https: and without a user name or password in the URL, not over ${url.protocol}`,
    );
  }
  url.hash = "";
  return url;
}

function refuseLarge(body: Uint8Array | null, most: number): void {
  if (!body || body.byteLength <= most) return;
  throw new CapabilityError(
    "fetch-request-too-large",
    `The request's body has ${body.byteLength} bytes; ${most} are the most it may have.`,
  );
}

function toResponse({ status, statusText, headers, body }: VendorResponse): Response {
  const kept = headers.filter(([name]) => !describesTransfer(name));
  return new Response(bodyless.includes(status) ? null : new Uint8Array(body), {
    status,
    // What a Response may not hold (RFC 9110, 15.1) is of no use to anybody.
    statusText: /^[\t\x20-\x7e]*$/.test(statusText) ? statusText : "",
    headers: kept.map(([name, value]): [string, string] => [name, value]),
  });
}

/** The body has been decoded. */
function describesTransfer(name: Header[0]): boolean {
  return ["content-encoding", "content-length", "transfer-encoding", "set-cookie"].includes(name);
}
