import { defaultEgressLimits, type EgressLimit } from "../capabilities/index.ts";
import { bytes, count, GiB, KiB, type Limit, MiB, minuteMs, ms } from "./limit.ts";

const d = defaultEgressLimits;
const mostInFlight = 10_000;

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
    ...count({ default: d.maxRetries, range: [0, 10], meaning: "attempts of one request after the first" }),
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
