import {
  dropAuthHeaders,
  type FileTarget,
  inject,
  isReading,
  noInjection,
  saysNothingDone,
} from "@plugboard/plugin-sdk/exchange";
import { CapabilityError } from "../errors.ts";
import { type Authorization, unauthorized } from "./authorize.ts";
import type { Buffered } from "./buffers.ts";
import type { Call } from "./call.ts";
import type { Circuits, Verdict } from "./circuits.ts";
import type { Clock } from "./clock.ts";
import type { EgressConnection } from "./connection.ts";
import { openIncoming } from "./incoming.ts";
import { kindOf } from "./kind.ts";
import type { EgressLimits } from "./limits.ts";
import { changedNothing } from "./nothing-done.ts";
import { type Aim, type ReadReply, readReply, type Slices, type Turn } from "./pacing/index.ts";
import { type RequestPolicy, ratesFor } from "./policy.ts";
import { followRedirect, refused } from "./refusals.ts";
import { isRepeatable } from "./repeatable.ts";
import { withRetries } from "./retry.ts";
import type { ScrubPool } from "./scrub-pool.ts";
import { type Sender, SendFailure } from "./send/index.ts";
import type { Trace } from "./trace.ts";
import type { PluginRequest, Route, VendorResponse } from "./types.ts";

export interface ExchangeParts {
  clock: Clock;
  random: () => number;
  sender: Sender;
  scrubPool: ScrubPool;
  slices: Slices;
  circuits: Circuits;
  /** Whether a request may be made, by the grant. @returns the host as the manifest writes it */
  check: (request: PluginRequest) => string;
  routeTo: (url: URL) => Promise<Route>;
}

/** One request on its way, with what it was given so far. */
export interface Underway {
  connection: EgressConnection;
  policy: RequestPolicy;
  limits: EgressLimits;
  call: Call;
  turn: Turn;
  buffered: Buffered;
  trace: Trace;
  authorization: Authorization;
  /** Where the body of a successful reply goes, if not into memory. */
  into: FileTarget | undefined;
}

/** What came of it: the last answer, and to what it is one. */
export interface Exchanged {
  request: PluginRequest;
  response: VendorResponse;
}

/** Sends a request, each attempt and each redirect in its turn, until there is an answer. */
export async function exchange(
  parts: ExchangeParts,
  first: PluginRequest & { route: Route },
  underway: Underway,
): Promise<Exchanged> {
  const { connection, limits, policy, trace, authorization, turn } = underway;
  const retries = { left: Math.min(limits.maxRetries, policy.retries.most) };
  let request = { ...first, headers: dropAuthHeaders(first.headers, connection.auth) };
  let authenticated = authorization !== unauthorized;
  try {
    for (let taken = 0; ; taken++) {
      if (taken > 0) await turn.again(aimOf(parts, policy, request));
      const reply = await attempts(parts, request, underway, { retries, authenticated });
      const { response } = reply;
      trace.received(response);
      const next = followRedirect(request, response, { taken, most: limits.maxRedirects });
      if (!next) return { request, response };
      parts.check(next);
      // Once the chain has left the vendor's host it goes on without the credential, even if it comes back.
      authenticated &&= next.url.origin === first.url.origin;
      if (!authenticated && authorization.scrubber.finds(next.url.href)) {
        throw refused(`to ${next.url.hostname}, with the credential in the URL.`);
      }
      request = { ...next, route: await parts.routeTo(next.url) };
    }
  } catch (error) {
    const { scrubber } = authorization;
    // A vendor can have written its redirect's host, which is in some messages, as it likes.
    throw error instanceof CapabilityError && scrubber.finds(error.message)
      ? new CapabilityError(error.code, scrubber.text(error.message))
      : error;
  }
}

/** Where a request goes, as its limits see it. */
export function aimOf(
  { check }: Pick<ExchangeParts, "check">,
  policy: RequestPolicy,
  request: PluginRequest,
): Aim {
  const rates = ratesFor(policy, { ...request, declaredHost: check(request) });
  let kind: string | undefined;
  return {
    host: request.url.host,
    rates,
    kind() {
      kind ??= kindOf(request, policy.graphqlPaths);
      return kind;
    },
  };
}

/** One request to one place, repeated as its policy says; and once more where a fresh credential may help. */
async function attempts(
  parts: ExchangeParts,
  request: PluginRequest & { route: Route },
  underway: Underway,
  { retries, authenticated }: { retries: { left: number }; authenticated: boolean },
): Promise<ReadReply> {
  const { clock, random, circuits } = parts;
  const { connection, policy, call, turn, authorization, trace } = underway;
  const place = { connectionId: connection.id, pluginId: connection.pluginId, host: request.url.host };
  const aim = aimOf(parts, policy, request);
  const mayChange = !isReading(request, policy);
  let tell = circuits.admit(place, policy.circuitBreaker);

  /** Another attempt, if the limits and the circuit allow one; if not, what came is the answer. */
  async function next(): Promise<boolean> {
    try {
      await turn.again(aim);
      tell = circuits.admit(place, policy.circuitBreaker);
      return true;
    } catch (error) {
      if (call.signal.aborted || !(error instanceof CapabilityError)) throw error;
      return false;
    }
  }

  const send = async (): Promise<ReadReply> => {
    let verdict: Verdict = "unknown";
    let reply: ReadReply | undefined;
    try {
      const response = await sendOnce(parts, request, underway, { authenticated, mayChange });
      reply = readReply(response, authorization.scrubber);
      if (mayChange) trace.judged(changedNothing(reply, request, policy));
      verdict = policy.circuitBreaker?.statuses.includes(reply.response.status) ? "failed" : "ok";
      return reply;
    } catch (error) {
      if (isVendorsFault(error)) verdict = "failed";
      if (mayChange && error instanceof SendFailure) trace.judged(changedNothing(error, request, policy));
      throw error;
    } finally {
      tell(verdict);
      turn.settle(reply);
    }
  };

  const repeatable = !mayChange || isRepeatable(request, policy);
  const options = {
    policy: policy.retries,
    repeatable,
    isNothingDone: (reply: ReadReply) => saysNothingDone(reply, request, policy),
    call,
    clock,
    random,
    retries,
    next,
    isHopeless: turn.isTooDear,
  };
  const reply = await withRetries(options, send);
  // A request that was not let in has done nothing, whatever its method.
  if (reply.response.status !== 401 || !authenticated || !(await authorization.renew())) return reply;
  return (await next()) ? withRetries(options, send) : reply;
}

async function sendOnce(
  { sender, slices, scrubPool }: Pick<ExchangeParts, "sender" | "slices" | "scrubPool">,
  request: PluginRequest & { route: Route },
  { connection, limits, call, buffered, trace, authorization, into }: Underway,
  { authenticated, mayChange }: { authenticated: boolean; mayChange: boolean },
): Promise<VendorResponse> {
  const { method, route } = request;
  const body = request.streamed ?? request.body;
  const added = inject(request, authenticated ? authorization.injection : noInjection);
  buffered.release();
  buffered.grow(request.streamed ? streamedBytes : (body?.byteLength ?? 0));
  const { scrubber } = authorization;
  const incoming = into && openIncoming({ into, scrubber, scrubPool, queue: connection.id, buffered });
  trace.sent(request, mayChange);
  const response = await sender.send(
    { method, body, route, ...added },
    {
      connectionId: connection.id,
      signal: call.signal,
      maxResponseBytes: limits.maxResponseBytes,
      // The file says itself when it is too much.
      maxSinkBytes: Number.POSITIVE_INFINITY,
      grow: buffered.grow,
      sink: incoming?.sink,
    },
  );
  if (incoming) {
    await incoming.end();
    trace.passed(incoming.bytes);
  }
  await slices.enter(connection, response.body.byteLength);
  return response;
}

/** Of a body that is not in memory: the piece that is read, and the one that is sent. */
const streamedBytes = 512 * 1024;

/** No answer within the time of the whole request is one too; that its caller went away is not. */
function isVendorsFault(error: unknown): boolean {
  return error instanceof SendFailure || (error instanceof CapabilityError && error.code === "fetch-timeout");
}
