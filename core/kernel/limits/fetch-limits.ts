import { defaultEgressLimits, type EgressLimit } from "../capabilities/index.ts";
import { bytes, count, GiB, KiB, type Limit, MiB, minuteMs, ms } from "./limit.ts";

const d = defaultEgressLimits;
const mostInFlight = 10_000;
const mostQueued = 1_000_000;

/** Of WebSockets that plugins listen on. */
const streamLimits = {
  streamsPerTenant: {
    egress: "maxStreamsPerPluginTenant",
    ...count({
      default: d.maxStreamsPerPluginTenant,
      range: [0, mostInFlight],
      code: "fetch-tenant-busy",
      meaning: "WebSockets of one tenant in the plugin that a host has open; further streams wait",
    }),
  },
  streamsPerPlugin: {
    egress: "maxStreamsPerPlugin",
    ...count({
      default: d.maxStreamsPerPlugin,
      range: [0, mostInFlight],
      code: "fetch-plugin-busy",
      meaning: "WebSockets of the plugin that a host has open; further streams wait",
    }),
  },
  streamMessageBytes: {
    egress: "maxStreamMessageBytes",
    ...bytes({
      default: d.maxStreamMessageBytes,
      range: [KiB, 64 * MiB],
      code: "stream-message-too-large",
      meaning: "one message of a vendor's; a larger one ends the WebSocket. Keep it below `inputBytes`",
    }),
  },
  streamMessagesPerSecond: {
    egress: "maxStreamMessagesPerSecond",
    ...count({
      default: d.maxStreamMessagesPerSecond,
      range: [1, 100_000],
      meaning: "messages over one WebSocket, pings counted too; what comes faster is not read until later",
    }),
  },
  streamQueue: {
    egress: "maxStreamQueuedMessages",
    ...count({
      default: d.maxStreamQueuedMessages,
      range: [1, 10_000],
      meaning: "messages of one WebSocket that are read ahead while the plugin works",
    }),
  },
  streamQueueBytes: {
    egress: "maxStreamQueuedBytes",
    ...bytes({
      default: d.maxStreamQueuedBytes,
      range: [KiB, 64 * MiB],
      meaning: "the same in bytes; they also count with the bodies of requests",
    }),
  },
  streamSilenceMs: {
    egress: "streamSilenceMs",
    ...ms({
      default: d.streamSilenceMs,
      range: [300, 60 * minuteMs],
      code: "stream-silent",
      meaning: "how long nothing may be heard over a WebSocket, answers to pings included",
    }),
  },
  hostStreams: {
    egress: "maxStreams",
    ...count({
      default: d.maxStreams,
      range: [0, 100_000],
      code: "fetch-host-busy",
      scope: "host",
      meaning: "WebSockets that a host has open; further streams wait for another host",
    }),
  },
  hostStreamsPerTenant: {
    egress: "maxStreamsPerTenant",
    ...count({
      default: d.maxStreamsPerTenant,
      range: [0, 100_000],
      code: "fetch-tenant-busy",
      scope: "host",
      meaning: "WebSockets of one tenant, in all plugins, that a host has open; further streams wait",
    }),
  },
} as const satisfies Record<string, Limit & { egress: EgressLimit }>;

/** Of the broker, which knows each under a shorter name of its own. */
export const fetchLimits = {
  fetchMs: {
    egress: "timeoutMs",
    ...ms({
      default: d.timeoutMs,
      range: [100, 10 * minuteMs],
      code: "fetch-timeout",
      meaning: "one request with its redirects and retries",
    }),
  },
  fetchRequestBytes: {
    egress: "maxRequestBytes",
    ...bytes({
      default: d.maxRequestBytes,
      range: [KiB, 256 * MiB],
      code: "fetch-request-too-large",
      meaning: "body of one request",
    }),
  },
  fetchResponseBytes: {
    egress: "maxResponseBytes",
    ...bytes({
      default: d.maxResponseBytes,
      range: [KiB, 256 * MiB],
      code: "fetch-response-too-large",
      meaning: "body of one reply, decompressed",
    }),
  },
  fetchRedirects: {
    egress: "maxRedirects",
    ...count({
      default: d.maxRedirects,
      range: [0, 20],
      code: "fetch-redirect-refused",
      meaning: "redirects that one request follows",
    }),
  },
  fetchRetries: {
    egress: "maxRetries",
    ...count({
      default: d.maxRetries,
      range: [0, 10],
      meaning:
        "attempts of one request after the first, at most; a plugin declares how many it wants, 2 if it does not",
    }),
  },
  fetchesPerConnection: {
    egress: "maxInFlightPerConnection",
    ...count({
      default: d.maxInFlightPerConnection,
      range: [1, mostInFlight],
      code: "fetch-connection-busy",
      meaning: "requests in flight over one connection",
    }),
  },
  fetchesPerTenant: {
    egress: "maxInFlightPerPluginTenant",
    ...count({
      default: d.maxInFlightPerPluginTenant,
      range: [1, mostInFlight],
      code: "fetch-tenant-busy",
      meaning: "requests in flight of one tenant in the plugin, over all its connections",
    }),
  },
  fetchesPerPlugin: {
    egress: "maxInFlightPerPlugin",
    ...count({
      default: d.maxInFlightPerPlugin,
      range: [1, mostInFlight],
      code: "fetch-plugin-busy",
      meaning: "requests in flight of the plugin",
    }),
  },
  fetchQueueMs: {
    egress: "maxQueueMs",
    ...ms({
      default: d.maxQueueMs,
      range: [0, 10 * minuteMs],
      code: "fetch-rate-limited",
      meaning: "how long a request waits for its turn: for the vendor's rate limits, or for others in flight",
    }),
  },
  fetchQueuePerConnection: {
    egress: "maxQueuedPerConnection",
    ...count({
      default: d.maxQueuedPerConnection,
      range: [0, mostQueued],
      code: "fetch-queue-full",
      meaning:
        "requests of one connection that wait for their turn; with 0 none waits, and is refused instead",
    }),
  },
  fetchQueuePerTenant: {
    egress: "maxQueuedPerPluginTenant",
    ...count({
      default: d.maxQueuedPerPluginTenant,
      range: [0, mostQueued],
      code: "fetch-queue-full",
      meaning: "requests of one tenant in the plugin that wait for their turn",
    }),
  },
  fetchQueuePerPlugin: {
    egress: "maxQueuedPerPlugin",
    ...count({
      default: d.maxQueuedPerPlugin,
      range: [0, mostQueued],
      code: "fetch-queue-full",
      meaning: "requests of the plugin that wait for their turn",
    }),
  },
  fetchBufferBytesPerTenant: {
    egress: "maxBufferedBytesPerPluginTenant",
    ...bytes({
      default: d.maxBufferedBytesPerPluginTenant,
      range: [MiB, 16 * GiB],
      code: "fetch-tenant-busy",
      meaning: "bodies that the host holds at a time for one tenant in the plugin",
    }),
  },
  fetchBufferBytesPerPlugin: {
    egress: "maxBufferedBytesPerPlugin",
    ...bytes({
      default: d.maxBufferedBytesPerPlugin,
      range: [MiB, 16 * GiB],
      code: "fetch-plugin-busy",
      meaning: "bodies that the host holds at a time for the plugin",
    }),
  },
  ...streamLimits,
  hostFetches: {
    egress: "maxInFlight",
    ...count({
      default: d.maxInFlight,
      range: [1, mostInFlight],
      code: "fetch-host-busy",
      scope: "host",
      meaning: "requests in flight of all plugins",
    }),
  },
  hostFetchesPerTenant: {
    egress: "maxInFlightPerTenant",
    ...count({
      default: d.maxInFlightPerTenant,
      range: [1, mostInFlight],
      code: "fetch-tenant-busy",
      scope: "host",
      meaning: "requests in flight of one tenant, in all plugins",
    }),
  },
  hostFetchQueue: {
    egress: "maxQueued",
    ...count({
      default: d.maxQueued,
      range: [0, mostQueued],
      code: "fetch-queue-full",
      scope: "host",
      meaning: "requests of all plugins that wait for their turn",
    }),
  },
  hostFetchCacheBytes: {
    egress: "maxCacheBytes",
    ...bytes({
      default: d.maxCacheBytes,
      range: [0, 16 * GiB],
      scope: "host",
      meaning: "replies that are kept in memory where a plugin declares it; the one used longest ago goes",
    }),
  },
  hostFetchCacheBytesPerConnection: {
    egress: "maxCacheBytesPerConnection",
    ...bytes({
      default: d.maxCacheBytesPerConnection,
      range: [0, GiB],
      scope: "host",
      meaning: "of these, one connection's",
    }),
  },
  hostFetchBufferBytes: {
    egress: "maxBufferedBytes",
    ...bytes({
      default: d.maxBufferedBytes,
      range: [MiB, 64 * GiB],
      code: "fetch-host-busy",
      scope: "host",
      meaning: "bodies that the host holds at a time, of all plugins",
    }),
  },
} as const satisfies Record<string, Limit & { egress: EgressLimit }>;
