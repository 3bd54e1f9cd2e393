import type { Metrics } from "@plugboard/service-kit/observe";
import type { Pacer } from "./pacing/index.ts";

/** What is counted and written down of one request of a plugin. `host` is one of the manifest's, never what the plugin wrote. */
export interface RequestRecord {
  plugin: string;
  tenantId: string;
  connectionId: string;
  method: string | undefined;
  /** Without the query; undefined if the request was malformed. */
  path: string | undefined;
  host: string;
  /** The vendor's status, or undefined if there was no reply. */
  status: number | undefined;
  /** The code of the refusal or failure, or `ok`. */
  code: string;
  durationMs: number;
  attempts: number;
  /** At the vendor: an attempt that writes left, and was not refused with nothing done. */
  mayHaveChanged: boolean;
  /** Of an attempt that writes no more than the vendor's status says that it changed nothing. */
  isRefused: boolean;
  /** Answered from memory. */
  isCached: boolean;
  requestBytes: number;
  responseBytes: number;
}

/** For requests that no permission covers: their hosts are the plugin's invention and would each be a new series. */
export const ungrantedHost = "(not granted)";

/** How long requests waited for their turn, those that had to. */
export function createWaitMetric(metrics: Metrics): (plugin: string, ms: number) => void {
  const waited = metrics.histogram({
    name: "plugboard_egress_queue_seconds",
    help: "Time that requests of plugins waited for their turn, of those that had to.",
    labelNames: ["plugin"],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30],
  });
  return (plugin, ms) => waited.observe({ plugin }, ms / 1000);
}

export function createEgressMetrics(metrics: Metrics, pacer: Pacer): (record: RequestRecord) => void {
  const requests = metrics.counter({
    name: "plugboard_egress_requests_total",
    help: "Requests of plugins to vendors, by the vendor's status and the broker's code.",
    labelNames: ["plugin", "host", "status", "code"],
  });
  const duration = metrics.histogram({
    name: "plugboard_egress_request_duration_seconds",
    help: "Time of a request of a plugin, redirects and retries included.",
    labelNames: ["plugin", "host"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  });
  const bytes = metrics.counter({
    name: "plugboard_egress_body_bytes_total",
    help: "Bytes of bodies to and from vendors; replies decompressed.",
    labelNames: ["plugin", "host", "direction"],
  });
  const retries = metrics.counter({
    name: "plugboard_egress_retries_total",
    help: "Attempts after the first one.",
    labelNames: ["plugin", "host"],
  });
  metrics.gauge({
    name: "plugboard_egress_in_flight",
    help: "Requests of plugins under way.",
    collect() {
      this.set(pacer.inFlight());
    },
  });

  metrics.gauge({
    name: "plugboard_egress_queued",
    help: "Requests of plugins that wait for their turn.",
    collect() {
      this.set(pacer.queued());
    },
  });
  metrics.gauge({
    name: "plugboard_egress_limits_in_use",
    help: "Limits, declared, written by tenants or told by vendors, of which is remembered what is used.",
    collect() {
      this.set(pacer.gates());
    },
  });
  const cached = metrics.counter({
    name: "plugboard_egress_cache_hits_total",
    help: "Requests of plugins that were answered from memory.",
    labelNames: ["plugin", "host"],
  });

  return ({ plugin, host, status, code, durationMs, attempts, isCached, requestBytes, responseBytes }) => {
    requests.inc({ plugin, host, status: String(status ?? "none"), code });
    if (host === ungrantedHost) return;
    duration.observe({ plugin, host }, durationMs / 1000);
    bytes.inc({ plugin, host, direction: "sent" }, requestBytes);
    bytes.inc({ plugin, host, direction: "received" }, responseBytes);
    if (isCached) cached.inc({ plugin, host });
    if (attempts > 1) retries.inc({ plugin, host }, attempts - 1);
  };
}
