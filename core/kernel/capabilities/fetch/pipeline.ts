import { type FileTarget, type Transfer, toReply } from "@plugboard/plugin-sdk/exchange";
import type { NetworkPermission, RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { Capability, Payload } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import type { UnderWay } from "@plugboard/service-kit/under-way";
import { CapabilityError } from "../errors.ts";
import { type Authorization, authorize, unauthorized } from "./authorize.ts";
import type { Buffered, Buffers } from "./buffers.ts";
import { type Call, openCall, whileOpen } from "./call.ts";
import type { Circuits } from "./circuits.ts";
import type { Clock } from "./clock.ts";
import { type EgressConnection, refuseInactive } from "./connection.ts";
import { aimOf, type Exchanged, type ExchangeParts, exchange } from "./exchange.ts";
import { carriesCredential, checkGrant } from "./grant.ts";
import { type EgressLimit, EgressLimitReached, type EgressLimits } from "./limits.ts";
import type { RequestRecord } from "./metrics.ts";
import type { Pacer, Slices } from "./pacing/index.ts";
import type { PolicyLayers, RequestPolicy } from "./policy.ts";
import { validateRequest } from "./refusals.ts";
import { withIdempotencyKey } from "./repeatable.ts";
import { type CleanReply, cacheRuleFor, type Look, type ReplyCache } from "./reply-cache.ts";
import type { ScrubPool } from "./scrub-pool.ts";
import type { Scrubbers } from "./scrubbers.ts";
import type { Sender } from "./send/index.ts";
import { openTrace, type Trace } from "./trace.ts";
import { type Transformers, transformReply, transformRequest, variantOf } from "./transform.ts";
import type { PluginRequest, Route } from "./types.ts";

/** What all requests of a broker share. */
export interface PipelineParts {
  limitsFor: (pluginId: string) => EgressLimits;
  policyFor: (layers: PolicyLayers) => RequestPolicy;
  /** Hears of every request that ran into a limit. */
  onLimit: (limit: EgressLimit, pluginId: string) => void;
  clock: Clock;
  random: () => number;
  pacer: Pacer;
  slices: Slices;
  circuits: Circuits;
  cache: ReplyCache;
  buffers: Buffers;
  standInFor: (url: URL) => URL | undefined;
  resolvePublic: (url: URL) => Promise<string[]>;
  sender: Sender;
  scrubbers: Pick<Scrubbers, "of">;
  scrubPool: ScrubPool;
  record: (record: RequestRecord) => void;
  /** What other plugins have to say in requests; undefined where there is no such thing. */
  transformers: () => Transformers | undefined;
  /** The calls under way. */
  open: UnderWay<AbortController>;
}

/** For whom a request is made, and with what rights. */
export interface FetchScope {
  network: NetworkPermission[] | undefined;
  /** What the manifest declares of requests. */
  requests?: RequestsDeclaration | undefined;
  connection: EgressConnection;
  log: Logger;
  /** The host asks for itself, and nobody gets the reply: only the request is as other plugins have it. */
  isCheck?: boolean;
}

/** What a request comes with, besides what the plugin says of it. */
export type FetchContext = Parameters<Capability>[1] & {
  /** Hears of the request once it has ended. Must not throw. */
  heard?: (record: RequestRecord) => void;
  /** Bodies that are not to be in memory. Such a reply is not kept, and its body is empty here. */
  transfer?: Transfer;
};

export type FetchCapability = (payload: Payload, context: FetchContext) => Promise<Payload>;

/** The way of a plugin's request to the vendor and of the reply back: step by step, in their order. */
export function createPipeline(parts: PipelineParts): (scope: FetchScope) => FetchCapability {
  const { clock, pacer, buffers, cache, open } = parts;

  async function answer(
    scope: FetchScope,
    payload: Payload,
    { callId, signal, transfer }: FetchContext,
    trace: Trace,
  ): Promise<Payload> {
    const { connection } = scope;
    const { pluginId } = connection;
    const limits = parts.limitsFor(pluginId);
    const policy = parts.policyFor({ pluginId, declared: scope.requests, connection });
    const asked = withIdempotencyKey(validateRequest(payload, limits), policy);
    const given = transfer?.body ? { ...asked, streamed: transfer.body } : asked;
    trace.accepted(given);
    const check = (request: PluginRequest) => grantedHost(scope, request);
    trace.granted(check(given));
    refuseInactive(connection);
    const buffered = buffers.open(connection, limits);
    const call = openCall({ clock, timeoutMs: limits.timeoutMs, caller: signal, open });
    try {
      // Also while it waits for its turn.
      buffered.grow(given.body?.byteLength ?? 0);
      const transformers = parts.transformers();
      const occasion = { connection, callId, call, limits, policy, check };
      const request = transformers ? await transformRequest(transformers, given, occasion) : given;
      if (request !== given) {
        buffered.release();
        buffered.grow(request.body?.byteLength ?? 0);
      }
      const variant = variantOf(given, request);
      const its = { policy, limits, call, buffered, trace, variant, into: transfer?.into };
      const said = await throughCache(scope, request, its);
      const reply = await shown(scope, { given, request, said, into: transfer?.into }, occasion, buffered);
      return { ...reply, headers: reply.headers.map(([name, value]) => [name, value]) };
    } catch (error) {
      throw call.signal.aborted ? call.signal.reason : error;
    } finally {
      call.end();
      buffered.release();
    }
  }

  /** What the plugin gets. It is told the URL that it asked for, not what others added to it. */
  async function shown(
    { isCheck }: FetchScope,
    {
      given,
      request,
      said,
      into,
    }: { given: PluginRequest; request: PluginRequest; said: CleanReply; into: FileTarget | undefined },
    occasion: Parameters<typeof transformReply>[2],
    buffered: Buffered,
  ): Promise<CleanReply> {
    const transformers = isCheck ? undefined : parts.transformers();
    if (!transformers) return said;
    const isInFile = into !== undefined && isSuccess(said);
    const reply = await transformReply(transformers, { asked: request, reply: said, isInFile }, occasion);
    if (reply.body !== said.body) buffered.keep(reply.body.byteLength);
    return reply.url === request.url.href ? { ...reply, url: given.url.href } : reply;
  }

  /** What was declared for keeping is answered from memory, where it is fresh: without a turn, and without the vendor. */
  async function throughCache(scope: FetchScope, request: PluginRequest, its: Its): Promise<CleanReply> {
    const { connection } = scope;
    const rule = its.into ? undefined : cacheRuleFor(its.policy.cache, request, grantedHost(scope, request));
    if (!rule) {
      const reply = await throughTurn(scope, request, its);
      if (isWrite(request) && reply.status < 400) cache.invalidate(connection.id, request.url);
      return reply;
    }
    const authorization = await authorizationOf(scope, request, its.call);
    const { secrets } = authorization.injection;
    const place = { connectionId: connection.id, secrets, variant: its.variant };
    const look = cache.look(place, request, rule);
    if (look.hit) {
      its.trace.fromCache(look.hit.status);
      return look.hit;
    }
    const asked = { ...request, headers: [...request.headers, ...look.conditions] };
    return throughTurn(scope, asked, its, { authorization, look });
  }

  async function throughTurn(
    scope: FetchScope,
    request: PluginRequest,
    its: Its,
    opened?: { authorization: Authorization; look: Look },
  ): Promise<CleanReply> {
    const { connection } = scope;
    const { policy, limits, call } = its;
    const ways: ExchangeParts = {
      ...parts,
      check: (next) => grantedHost(scope, next),
      routeTo: (url) => routeTo(url, call),
    };
    const turn = await pacer.enter({ requester: connection, limits, call }, aimOf(ways, policy, request));
    try {
      const route = await routeTo(request.url, call);
      const authorization = opened?.authorization ?? (await authorizationOf(scope, request, call));
      const underway = { connection, turn, authorization, ...its };
      const exchanged = await exchange(ways, { ...request, route }, underway);
      const reply = await clean(exchanged, authorization, connection.id, call);
      return opened?.look.keep(exchanged.request, reply) ?? reply;
    } finally {
      turn.leave();
    }
  }

  async function authorizationOf(
    scope: FetchScope,
    request: PluginRequest,
    call: Call,
  ): Promise<Authorization> {
    const { network, connection } = scope;
    const isAuthenticated = carriesCredential(request, { network, config: connection.config });
    return isAuthenticated ? authorize(scope, { call, scrubbers: parts.scrubbers }) : unauthorized;
  }

  async function clean(
    { request, response }: Exchanged,
    { scrubber }: Authorization,
    connectionId: string,
    call: Call,
  ): Promise<CleanReply> {
    const scrubbed = parts.scrubPool.scrub(response.body, scrubber, connectionId);
    return toReply(request, response, await whileOpen(call, scrubbed), scrubber);
  }

  async function routeTo(url: URL, call: Call): Promise<Route> {
    const standIn = parts.standInFor(url);
    return standIn ? { standIn } : { addresses: await whileOpen(call, parts.resolvePublic(url)) };
  }

  return (scope) => async (payload, context) => {
    const trace = openTrace(scope, clock);
    const close = (code: Parameters<Trace["close"]>[0]) => {
      const record = trace.close(code);
      parts.record(record);
      context.heard?.(record);
    };
    try {
      const reply = await answer(scope, payload, context, trace);
      close("ok");
      return reply;
    } catch (error) {
      const known = error instanceof CapabilityError ? error : unexpected(error, scope.log);
      if (known instanceof EgressLimitReached) parts.onLimit(known.limit, scope.connection.pluginId);
      close(known.code);
      throw known;
    }
  };
}

/** What belongs to one request from its beginning. */
interface Its {
  policy: RequestPolicy;
  limits: EgressLimits;
  call: Call;
  buffered: Buffered;
  trace: Trace;
  /** What other plugins made of it. */
  variant: string;
  into: FileTarget | undefined;
}

function grantedHost({ network, connection }: FetchScope, request: PluginRequest): string {
  return checkGrant(request, { network, config: connection.config });
}

/** What goes into a file, where there is one for it. */
function isSuccess({ status }: CleanReply): boolean {
  return status >= 200 && status < 300;
}

function isWrite({ method }: PluginRequest): boolean {
  return !["GET", "HEAD", "OPTIONS"].includes(method);
}

/** A mistake of ours. The plugin learns nothing of it, the operator everything. */
function unexpected(error: unknown, log: Logger): CapabilityError {
  log.error({ err: error }, "the egress broker failed");
  return new CapabilityError("fetch-failed", "The host failed at this request; its log has the reason.");
}
