import { type Capability, CapabilityError, type Payload } from "@plugboard/sandbox";
import {
  createScrubber,
  describeNotGranted,
  dropAuthHeaders,
  ExchangeRefusal,
  followRedirect,
  type Injection,
  inject,
  injectionFor,
  noInjection,
  type PluginRequest,
  readRequest,
  type Scrubber,
  toReply,
  type UsableCredential,
  type VendorResponse,
} from "../exchange/index.ts";
import type { Manifest } from "../manifest/index.ts";
import { findPermit, type Permit } from "./permission.ts";
import { readBody } from "./read-body.ts";
import type { Send } from "./send.ts";
import type { TracedRequest } from "./trace.ts";

/** What requests of a plugin go through on its author's machine. */
export interface PluginEgress {
  send: Send;
  credential: UsableCredential | undefined;
  /** The connection's settings. */
  config: { [field: string]: unknown };
  /** Hears of every request, also of those that were refused. */
  trace(request: TracedRequest): void;
  /** Of one body, either way. Default 10 MiB. */
  maxBodyBytes?: number;
}

const MiB = 1024 * 1024;

/** What a host allows where its operator says nothing else. */
const defaultLimits = {
  timeoutMs: 30_000,
  maxRequestBytes: 10 * MiB,
  maxResponseBytes: 10 * MiB,
  maxRedirects: 5,
};

type Limits = typeof defaultLimits;

/**
 * The `fetch` of a plugin, in the order of a host's broker and with its checks: the request, the permission, the
 * credential, sending, redirects one by one, the reply. What a host does over time is left out: it repeats nothing,
 * waits for no rate, and keeps no reply.
 */
export function createPluginFetch(
  { permissions, auth }: Pick<Manifest, "permissions" | "auth">,
  { send, credential, config, trace, maxBodyBytes }: PluginEgress,
): Capability {
  const limits = {
    ...defaultLimits,
    ...(maxBodyBytes !== undefined && { maxRequestBytes: maxBodyBytes, maxResponseBytes: maxBodyBytes }),
  };
  const declared = auth?.find(({ type }) => type === credential?.type);
  let opened: Authorization | undefined;
  const authorize = (): Authorization => {
    if (opened) return opened;
    const injection = declared && credential ? injectionFor(declared, credential) : noInjection;
    opened = { injection, scrubber: createScrubber(injection.secrets) };
    return opened;
  };

  async function exchange(first: PluginRequest, signal: AbortSignal): Promise<Payload> {
    const { scrubber } = authorize();
    let request = { ...first, headers: dropAuthHeaders(first.headers, declared ?? auth?.[0]) };
    let mayAuthenticate = true;
    for (let taken = 0; ; taken++) {
      const response = await hop(request, mayAuthenticate, signal);
      const next = followRedirect(request, response, { taken, most: limits.maxRedirects });
      if (!next) {
        const body = new Uint8Array(scrubber.bytes(response.body));
        const { headers, ...reply } = toReply(request, response, body, scrubber);
        return { ...reply, headers: headers.map(([name, value]) => [name, value]) };
      }
      // Once it has left the vendor's host, it goes on without the credential.
      mayAuthenticate &&= next.url.origin === first.url.origin;
      if (!mayAuthenticate && scrubber.finds(next.url.href))
        throw new CapabilityError(
          "fetch-redirect-refused",
          `The vendor redirected to ${next.url.hostname}, with the credential in the URL.`,
        );
      request = next;
    }
  }

  async function hop(
    request: PluginRequest,
    mayAuthenticate: boolean,
    signal: AbortSignal,
  ): Promise<VendorResponse> {
    const { injection, scrubber } = authorize();
    const { method, url } = request;
    const startedAt = performance.now();
    // A redirect's target is the vendor's to write, and may have the credential in it.
    const traced = { method, url: scrubber.text(url.href) };
    const durationMs = () => Math.round(performance.now() - startedAt);
    let permit: Permit | undefined;
    try {
      permit = findPermit(permissions.network, { method, url }, config);
      if (!permit)
        throw new CapabilityError("fetch-not-granted", describeNotGranted(request, permissions.network));
      permit.authenticated &&= mayAuthenticate && injection !== noInjection;
      const asWritten = { method, url, headers: request.headers, body: bytesOf(request.body) };
      const added = inject(request, permit.authenticated ? injection : noInjection);
      const answer = await send({ ...asWritten, ...added }, signal, { asWritten, scrubber });
      const response = await readResponse(answer, signal, limits);
      trace({ ...traced, durationMs: durationMs(), status: response.status, ...permit });
      return response;
    } catch (error) {
      const { code, message } = refusalOf(error, signal, limits);
      const refused = { code, message: scrubber.text(message) };
      trace({ ...traced, durationMs: durationMs(), refused, ...permit });
      throw new CapabilityError(code, message);
    }
  }

  return async (payload, context) => {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(limits.timeoutMs)]);
    try {
      return await exchange(readRequest(payload, limits), signal);
    } catch (error) {
      if (!(error instanceof ExchangeRefusal || error instanceof CapabilityError)) throw error;
      throw new CapabilityError(error.code, opened?.scrubber.text(error.message) ?? error.message);
    }
  };
}

interface Authorization {
  injection: Injection;
  scrubber: Scrubber;
}

function bytesOf(body: Uint8Array | null): Uint8Array<ArrayBuffer> | null {
  return body && new Uint8Array(body);
}

async function readResponse(
  response: Response,
  signal: AbortSignal,
  limits: Limits,
): Promise<VendorResponse> {
  const body = await readBody(response, { mostBytes: limits.maxResponseBytes, signal });
  if (!body)
    throw new CapabilityError(
      "fetch-response-too-large",
      `The vendor's reply has more than the ${limits.maxResponseBytes} bytes that are the most a host takes.`,
    );
  const { status, statusText } = response;
  return { status, statusText, headers: [...response.headers], body };
}

function refusalOf(error: unknown, signal: AbortSignal, limits: Limits): { code: string; message: string } {
  if (error instanceof CapabilityError) return error;
  if (signal.aborted && signal.reason?.name === "TimeoutError")
    return { code: "fetch-timeout", message: `The vendor took longer than ${limits.timeoutMs} ms.` };
  return {
    code: "fetch-failed",
    message: `The vendor could not be reached: ${error instanceof Error ? error.message : error}`,
  };
}
