import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { Metrics } from "@plugboard/service-kit/observe";
import { createUnderWay } from "@plugboard/service-kit/under-way";
import { CapabilityError } from "../errors.ts";
import { type Buffered, createBuffers } from "./buffers.ts";
import { type Circuits, createCircuits } from "./circuits.ts";
import { type Clock, systemClock } from "./clock.ts";
import {
  defaultEgressLimits,
  type EgressLimit,
  EgressLimitReached,
  type EgressLimits,
  type PluginEgressLimits,
} from "./limits.ts";
import { createEgressMetrics, createWaitMetric, type RequestRecord } from "./metrics.ts";
import { createPacer, createSlices, type Requester } from "./pacing/index.ts";
import { createPipeline, type FetchCapability, type FetchScope } from "./pipeline.ts";
import { createPolicies } from "./policy.ts";
import { createReplyCache } from "./reply-cache.ts";
import { createPublicResolver, type Resolve } from "./resolve.ts";
import { createStandIns } from "./rewrite.ts";
import { createScrubPool } from "./scrub-pool.ts";
import { createScrubbers } from "./scrubbers.ts";
import { createSender } from "./send/index.ts";
import { createStreamMetrics, createStreamOpener, type StreamOpener } from "./streams/index.ts";
import type { Transformers } from "./transform.ts";

/** The only way from a plugin to the network. One for the process: it owns the sockets and the counts. */
export interface EgressBroker {
  /** The `fetch` of one plugin over one connection, under the permissions its tenant agreed to. */
  fetchCapability(scope: FetchScope): FetchCapability;
  /** Opens sockets of vendors, for plugins that listen on them. */
  openStream: StreamOpener["open"];
  /** Counts bodies that pass through the host beside a plugin's own requests, together with those. */
  hold(requester: Requester): Buffered;
  /** The circuits of a connection that are not closed. */
  circuitsOf: Circuits["statesOf"];
  /** Forgets what it remembers of a connection that is gone: limits and what of them is used, circuits, kept replies. */
  forget(connectionId: string): void;
  /** Ends what is in flight with `fetch-aborted` and closes the sockets. */
  close(): Promise<void>;
}

export interface EgressOptions {
  /** From `parseEgressRewrite`: vendors' hosts that local stand-ins answer for. */
  rewrite: Record<string, string>;
  /** Whether HTTP/2 is spoken with vendors that offer it. Default true. */
  http2?: boolean;
  limits?: Partial<EgressLimits>;
  /** What is different for one plugin; asked at each request. */
  limitsFor?: (pluginId: string) => Partial<PluginEgressLimits>;
  /** What the operator says of a plugin's requests, over what its manifest declares. */
  requestsFor?: (pluginId: string) => RequestsDeclaration | undefined;
  /** Over how many processes requests go out: each keeps to its part of vendors' limits. Default 1. */
  hosts?: () => number;
  /** Hears of every request that ran into a limit, once. */
  onLimit?: (limit: EgressLimit, pluginId: string) => void;
  /** Hears of every request that has ended. Must not throw. */
  onRequest?: (record: RequestRecord) => void;
  /** What other plugins have to say in requests; asked for once requests are made. */
  transformers?: () => Transformers;
  metrics: Metrics;
  /** Default: the system's resolver. */
  resolve?: Resolve;
  clock?: Clock;
  /** A number from 0 up to 1, for the pauses between retries. */
  random?: () => number;
}

export function createEgressBroker(options: EgressOptions): EgressBroker {
  const limits = { ...defaultEgressLimits, ...options.limits };
  const { limitsFor = () => ({}) } = options;
  const clock = options.clock ?? systemClock;
  const { metrics } = options;
  const slices = createSlices();
  const pacer = createPacer({
    clock,
    slices,
    hosts: options.hosts ?? (() => 1),
    onWait: createWaitMetric(metrics),
  });
  const count = createEgressMetrics(metrics, pacer);
  const circuits = createCircuits({ clock, metrics });
  const sender = createSender({ http2: options.http2 ?? true });
  const scrubbers = createScrubbers();
  const scrubPool = createScrubPool();
  const open = createUnderWay<AbortController>();
  const policies = createPolicies(options.requestsFor ?? (() => undefined));
  const cache = createReplyCache({
    clock,
    limits: {
      maxBytes: limits.maxCacheBytes,
      maxBytesPerConnection: limits.maxCacheBytesPerConnection,
    },
  });
  const limitsOf = (pluginId: string) => ({ ...limits, ...limitsFor(pluginId) });
  const onLimit = options.onLimit ?? (() => {});
  const buffers = createBuffers();
  const parts = {
    limitsFor: limitsOf,
    onLimit,
    policyFor: policies.of,
    clock,
    pacer,
    slices,
    circuits,
    buffers,
    standInFor: createStandIns(options.rewrite),
    resolvePublic: createPublicResolver(options.resolve),
    scrubbers,
    scrubPool,
    transformers: options.transformers ?? (() => undefined),
    record(record: RequestRecord) {
      count(record);
      options.onRequest?.(record);
    },
    open,
  };
  const fetchCapability = createPipeline({ ...parts, random: options.random ?? Math.random, cache, sender });
  const streams = createStreamOpener({ ...parts, metrics: createStreamMetrics(metrics) });

  return {
    fetchCapability,
    openStream: streams.open,
    hold(requester) {
      const held = buffers.open(requester, limitsOf(requester.pluginId));
      return {
        ...held,
        grow(bytes) {
          try {
            held.grow(bytes);
          } catch (error) {
            if (error instanceof EgressLimitReached) onLimit(error.limit, requester.pluginId);
            throw error;
          }
        },
      };
    },
    circuitsOf: circuits.statesOf,
    forget(connectionId) {
      for (const part of [pacer, circuits, cache, policies]) part.forget(connectionId);
    },
    async close() {
      for (const call of open) call.abort(new CapabilityError("fetch-aborted", "The host is shutting down."));
      streams.close();
      sender.close();
      scrubbers.close();
      await scrubPool.close();
    },
  };
}
