import { dropAuthHeaders } from "@plugboard/plugin-sdk/exchange";
import type { UnderWay } from "@plugboard/service-kit/under-way";
import { CapabilityError } from "../../errors.ts";
import { type Authorization, authorize, unauthorized } from "../authorize.ts";
import type { Buffers } from "../buffers.ts";
import { type Call, openCall, whileOpen } from "../call.ts";
import type { Circuits, Verdict } from "../circuits.ts";
import type { Clock } from "../clock.ts";
import { refuseInactive } from "../connection.ts";
import { carriesCredential, checkGrant } from "../grant.ts";
import { type EgressLimit, EgressLimitReached, type EgressLimits } from "../limits.ts";
import type { RequestRecord } from "../metrics.ts";
import type { Pacer } from "../pacing/index.ts";
import type { FetchScope } from "../pipeline.ts";
import { type PolicyLayers, type RequestPolicy, ratesFor } from "../policy.ts";
import type { ScrubPool } from "../scrub-pool.ts";
import type { Scrubbers } from "../scrubbers.ts";
import { createShares } from "../shares.ts";
import { openTrace, type Trace } from "../trace.ts";
import type { Route } from "../types.ts";
import { type Dialled, dialStream, HandshakeRefused } from "./dial.ts";
import { type CheckedHandshake, checkHandshake } from "./handshake.ts";
import type { StreamMetrics } from "./stream-metrics.ts";
import { streamShares } from "./stream-shares.ts";
import { openVendorStream, type VendorStream } from "./vendor-stream.ts";

/** What a plugin wants opened. */
export type StreamOpening = Parameters<typeof checkHandshake>[0];

export interface StreamOpener {
  /**
   * Opens a socket to the vendor, as a request is sent: granted, to a checked address, with the credential.
   * @param signal gives up the opening, and ends what was opened
   * @throws CapabilityError `fetch-…`, `connection-inactive`, `stream-refused`, `stream-unauthorized`
   */
  open(scope: StreamScope, opening: StreamOpening, signal: AbortSignal): Promise<VendorStream>;
  close(): void;
}

export interface StreamScope extends FetchScope {
  /** The plugin's permission `binary`. */
  allowsBinary: boolean;
}

export interface StreamOpenerParts {
  limitsFor: (pluginId: string) => EgressLimits;
  policyFor: (layers: PolicyLayers) => RequestPolicy;
  onLimit: (limit: EgressLimit, pluginId: string) => void;
  clock: Clock;
  pacer: Pacer;
  circuits: Circuits;
  buffers: Buffers;
  standInFor: (url: URL) => URL | undefined;
  resolvePublic: (url: URL) => Promise<string[]>;
  scrubbers: Pick<Scrubbers, "of">;
  scrubPool: ScrubPool;
  record: (record: RequestRecord) => void;
  /** The calls under way. */
  open: UnderWay<AbortController>;
  metrics: StreamMetrics;
}

export function createStreamOpener(parts: StreamOpenerParts): StreamOpener {
  const { clock, pacer, circuits, buffers, metrics } = parts;
  const shares = createShares();
  const streams = new Set<VendorStream>();

  /** Once more where a fresh credential may help. */
  async function dialAuthorized(
    handshake: CheckedHandshake & { route: Route },
    authorization: Authorization,
    { limits, call, trace }: Underway,
  ): Promise<Dialled> {
    const attempt = () => {
      const { injection } = authorization;
      trace.sent(handshake, false);
      return dialStream(handshake, {
        injection,
        maxMessageBytes: limits.maxStreamMessageBytes,
        signal: call.signal,
      });
    };
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HandshakeRefused) || error.status !== 401 || !(await authorization.renew()))
        throw error;
      return attempt();
    }
  }

  async function shakeHands(
    scope: StreamScope,
    handshake: CheckedHandshake,
    underway: Underway,
  ): Promise<Opened> {
    const { network, connection } = scope;
    const { limits, call } = underway;
    const { pluginId, id: connectionId } = connection;
    const grant = { network, config: connection.config };
    const declaredHost = checkGrant(handshake, grant);
    const policy = parts.policyFor({ pluginId, declared: scope.requests, connection });
    const aim = { host: handshake.url.host, rates: ratesFor(policy, { ...handshake, declaredHost }) };
    const turn = await pacer.enter({ requester: connection, limits, call }, aim);
    try {
      const standIn = parts.standInFor(handshake.url);
      const route = standIn
        ? { standIn }
        : { addresses: await whileOpen(call, parts.resolvePublic(handshake.url)) };
      const authorization = carriesCredential(handshake, grant)
        ? await authorize(scope, { call, scrubbers: parts.scrubbers })
        : unauthorized;
      const tell = circuits.admit(
        { connectionId, pluginId, host: handshake.url.host },
        policy.circuitBreaker,
      );
      let verdict: Verdict = "failed";
      try {
        const headers = dropAuthHeaders(handshake.headers, connection.auth);
        const dialled = await dialAuthorized({ ...handshake, headers, route }, authorization, underway);
        verdict = "ok";
        return { dialled, authorization };
      } catch (error) {
        verdict = verdictOn(error, policy);
        throw error;
      } finally {
        tell(verdict);
      }
    } finally {
      turn.leave();
    }
  }

  async function begin(
    scope: StreamScope,
    opening: StreamOpening,
    signal: AbortSignal,
    trace: Trace,
  ): Promise<VendorStream> {
    const { connection } = scope;
    const limits = parts.limitsFor(connection.pluginId);
    const handshake = checkHandshake(opening);
    trace.accepted(handshake);
    trace.granted(checkGrant(handshake, { network: scope.network, config: connection.config }));
    refuseInactive(connection);
    const taken = streamShares(connection, limits);
    shares.take(taken, 1);
    const call = openCall({ clock, timeoutMs: limits.timeoutMs, caller: signal, open: parts.open });
    try {
      const opened = await shakeHands(scope, handshake, { limits, call, trace });
      trace.received(answered(101));
      return keep(scope, handshake, opened, { limits, signal, giveBack: () => shares.give(taken, 1) });
    } catch (error) {
      shares.give(taken, 1);
      if (error instanceof HandshakeRefused) trace.received(answered(error.status));
      throw call.signal.aborted ? call.signal.reason : error;
    } finally {
      call.end();
    }
  }

  function keep(
    scope: StreamScope,
    { url: { hostname: host } }: CheckedHandshake,
    { dialled, authorization }: Opened,
    { limits, signal, giveBack }: { limits: EgressLimits; signal: AbortSignal; giveBack: () => void },
  ): VendorStream {
    const { connection, allowsBinary } = scope;
    const { id: connectionId, pluginId } = connection;
    const observe = metrics.opened(pluginId);
    const abort = () => stream.close();
    const stream: VendorStream = openVendorStream({
      dialled,
      host,
      connectionId,
      scrubber: () => authorization.scrubber,
      scrubPool: parts.scrubPool,
      allowsBinary,
      limits,
      clock,
      hold: () => buffers.open(connection, limits),
      credential: {
        renewCredential: () => authorization.renew(),
        hasCurrentCredential: () => isCurrent(scope, authorization),
      },
      observe: {
        ...observe,
        ended(code, limit) {
          observe.ended(code);
          if (limit) parts.onLimit(limit, pluginId);
          signal.removeEventListener("abort", abort);
          streams.delete(stream);
          giveBack();
        },
      },
    });
    streams.add(stream);
    if (signal.aborted) stream.close();
    else signal.addEventListener("abort", abort, { once: true });
    return stream;
  }

  async function isCurrent(scope: StreamScope, authorization: Authorization): Promise<boolean> {
    // What the plugin connected with instead it may have got with another credential.
    if (authorization === unauthorized) return false;
    const call = openCall({
      clock,
      timeoutMs: parts.limitsFor(scope.connection.pluginId).timeoutMs,
      caller: new AbortController().signal,
      open: parts.open,
    });
    try {
      const { injection } = await authorize(scope, { call, scrubbers: parts.scrubbers });
      return injection.secrets.every((secret) => authorization.injection.secrets.includes(secret));
    } finally {
      call.end();
    }
  }

  return {
    async open(scope, opening, signal) {
      const trace = openTrace(scope, clock);
      try {
        const stream = await begin(scope, opening, signal, trace);
        parts.record(trace.close("ok"));
        return stream;
      } catch (error) {
        const known = error instanceof CapabilityError ? error : unexpected(error, scope);
        if (known instanceof EgressLimitReached) parts.onLimit(known.limit, scope.connection.pluginId);
        parts.record(trace.close(known.code));
        throw known;
      }
    },
    close() {
      for (const stream of streams) stream.close();
    },
  };
}

interface Underway {
  limits: EgressLimits;
  call: Call;
  trace: Trace;
}

interface Opened {
  dialled: Dialled;
  authorization: Authorization;
}

const answered = (status: number) => ({ status, statusText: "", headers: [], body: Buffer.alloc(0) });

/** That the vendor does not want this credential, or this path, does not say that it is down. */
function verdictOn(error: unknown, { circuitBreaker }: RequestPolicy): Verdict {
  if (error instanceof HandshakeRefused)
    return circuitBreaker?.statuses.includes(error.status) ? "failed" : "ok";
  const isVendors =
    error instanceof CapabilityError &&
    ["fetch-failed", "fetch-timeout", "stream-malformed"].includes(error.code);
  return isVendors ? "failed" : "unknown";
}

/** A mistake of ours. The plugin's owner learns nothing of it, the operator everything. */
function unexpected(error: unknown, { log }: StreamScope): CapabilityError {
  log.error({ err: error }, "a stream could not be opened by the host");
  return new CapabilityError(
    "fetch-failed",
    "The host failed at opening the stream; its log has the reason.",
  );
}
