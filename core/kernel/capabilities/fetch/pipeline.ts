import type { NetworkPermission } from "@plugboard/plugin-sdk/manifest";
import type { Capability, Payload } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { CapabilityError } from "../errors.ts";
import { type Authorization, authorize, unauthorized } from "./authorize.ts";
import type { Buffered, Buffers } from "./buffers.ts";
import { type Call, openCall, whileOpen } from "./call.ts";
import type { Clock } from "./clock.ts";
import type { EgressConnection } from "./connection.ts";
import { carriesCredential, checkGrant } from "./grant.ts";
import type { InFlight } from "./in-flight.ts";
import { dropAuthHeaders, inject, noInjection } from "./inject.ts";
import { type EgressLimit, EgressLimitReached, type EgressLimits } from "./limits.ts";
import type { RequestRecord } from "./metrics.ts";
import { followRedirect, refused } from "./redirects.ts";
import { toReply } from "./reply.ts";
import { withRetries } from "./retry.ts";
import type { ScrubPool } from "./scrub-pool.ts";
import type { Sender } from "./send.ts";
import { openTrace, type Trace } from "./trace.ts";
import type { PluginRequest, Route } from "./types.ts";
import { validateRequest } from "./validate.ts";

/** What all requests of a broker share. */
export interface PipelineParts {
  limitsFor: (pluginId: string) => EgressLimits;
  /** Hears of every request that ran into a limit. */
  onLimit: (limit: EgressLimit, pluginId: string) => void;
  clock: Clock;
  random: () => number;
  inFlight: InFlight;
  buffers: Buffers;
  standInFor: (url: URL) => URL | undefined;
  resolvePublic: (url: URL) => Promise<string[]>;
  sender: Sender;
  scrubPool: ScrubPool;
  record: (record: RequestRecord) => void;
  /** The calls under way. */
  open: Set<AbortController>;
}

/** For whom a request is made, and with what rights. */
export interface FetchScope {
  network: NetworkPermission[] | undefined;
  connection: EgressConnection;
  log: Logger;
}

/** The way of a plugin's request to the vendor and of the reply back: step by step, in their order. */
export function createPipeline(parts: PipelineParts): (scope: FetchScope) => Capability {
  const { clock, random, inFlight, buffers, sender, open } = parts;

  async function answer(
    scope: FetchScope,
    payload: Payload,
    signal: AbortSignal,
    trace: Trace,
  ): Promise<Payload> {
    const { connection, network } = scope;
    const limits = parts.limitsFor(connection.pluginId);
    const request = validateRequest(payload, limits);
    trace.accepted(request);
    trace.granted(checkGrant(request, { network, config: connection.config }));
    refuseInactive(connection);
    const leave = inFlight.enter(connection, limits);
    const buffered = buffers.open(connection, limits);
    const call = openCall({ clock, timeoutMs: limits.timeoutMs, caller: signal, open });
    try {
      const route = await routeTo(request.url, call);
      const isAuthenticated = carriesCredential(request, { network, config: connection.config });
      const authorization = isAuthenticated ? await authorize(scope, call) : unauthorized;
      return await exchange(scope, { ...request, route }, authorization, { call, limits, buffered, trace });
    } catch (error) {
      throw call.signal.aborted ? call.signal.reason : error;
    } finally {
      call.end();
      buffered.release();
      leave();
    }
  }

  async function exchange(
    { connection, network }: FetchScope,
    first: PluginRequest & { route: Route },
    authorization: Authorization,
    { call, limits, buffered, trace }: { call: Call; limits: EgressLimits; buffered: Buffered; trace: Trace },
  ): Promise<Payload> {
    const { maxResponseBytes } = limits;
    const { signal } = call;
    const retries = { left: limits.maxRetries };
    let request = { ...first, headers: dropAuthHeaders(first.headers, connection.auth) };
    let authenticated = true;
    try {
      for (let taken = 0; ; taken++) {
        const { method, body, route } = request;
        const send = () => {
          const added = inject(request, authenticated ? authorization.injection : noInjection);
          return withRetries({ request, call, clock, random, retries }, () => {
            trace.sent(request);
            buffered.release();
            buffered.grow(body?.byteLength ?? 0);
            return sender.send(
              { method, body, route, ...added },
              { connectionId: connection.id, signal, maxResponseBytes, grow: buffered.grow },
            );
          });
        };
        let response = await send();
        // A request that was not let in has done nothing, whatever its method.
        if (response.status === 401 && authenticated && (await authorization.renew()))
          response = await send();
        const { scrubber } = authorization;
        trace.received(response);
        const next = followRedirect(request, response, { taken, most: limits.maxRedirects });
        if (!next) {
          const scrubbed = parts.scrubPool.scrub(response.body, scrubber, connection.id);
          return toReply(request, response, await whileOpen(call, scrubbed), scrubber);
        }
        checkGrant(next, { network, config: connection.config });
        // Once the chain has left the vendor's host it goes on without the credential, even if it comes back.
        authenticated &&= next.url.origin === first.url.origin;
        if (!authenticated && scrubber.finds(next.url.href)) {
          throw refused(`to ${next.url.hostname}, with the credential in the URL.`);
        }
        request = { ...next, route: await routeTo(next.url, call) };
      }
    } catch (error) {
      // A vendor can have written its redirect's host, which is in some messages, as it likes.
      const { scrubber } = authorization;
      throw error instanceof CapabilityError && scrubber.finds(error.message)
        ? new CapabilityError(error.code, scrubber.text(error.message))
        : error;
    }
  }

  async function routeTo(url: URL, call: Call): Promise<Route> {
    const standIn = parts.standInFor(url);
    return standIn ? { standIn } : { addresses: await whileOpen(call, parts.resolvePublic(url)) };
  }

  return (scope) =>
    async (payload, { signal }) => {
      const trace = openTrace(scope, clock);
      try {
        const reply = await answer(scope, payload, signal, trace);
        parts.record(trace.close("ok"));
        return reply;
      } catch (error) {
        const known = error instanceof CapabilityError ? error : unexpected(error, scope.log);
        if (known instanceof EgressLimitReached) parts.onLimit(known.limit, scope.connection.pluginId);
        parts.record(trace.close(known.code));
        throw known;
      }
    };
}

function refuseInactive({ status }: EgressConnection): void {
  if (status === "active") return;
  throw new CapabilityError(
    "connection-inactive",
    `The connection is not active (its status is "${status}").`,
  );
}

/** A mistake of ours. The plugin learns nothing of it, the operator everything. */
function unexpected(error: unknown, log: Logger): CapabilityError {
  log.error({ err: error }, "the egress broker failed");
  return new CapabilityError("fetch-failed", "The host failed at this request; its log has the reason.");
}
