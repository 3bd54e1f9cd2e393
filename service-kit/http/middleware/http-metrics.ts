import type { Metrics } from "../../observe/index.ts";
import type { Observer } from "./observe.ts";

/** From half a millisecond to half a minute, in seconds. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface Series {
  observe(seconds: number): void;
}

/**
 * How long requests take, by method, route template and status. Never by path: paths are without
 * number, and so would the series be.
 */
export function httpMetrics(metrics: Metrics): Observer {
  const durations = metrics.histogram({
    name: "http_request_duration_seconds",
    help: "Time from the request's head to the end of its answer.",
    labelNames: ["method", "route", "status"],
    buckets,
  });
  const inFlight = metrics.gauge({ name: "http_requests_in_flight", help: "Requests being answered." });
  /** By route, then by method and status: a key of all three would be made, and hashed, with each request. */
  const series = new Map<string, { method: string; status: number; series: Series }[]>();

  function seriesOf(method: string, route: string, status: number): Series {
    let ofRoute = series.get(route);
    if (!ofRoute) {
      ofRoute = [];
      series.set(route, ofRoute);
    }
    const known = ofRoute.find((one) => one.method === method && one.status === status);
    if (known) return known.series;
    const made = durations.labels(method, route, String(status));
    ofRoute.push({ method, status, series: made });
    return made;
  }

  return {
    started: () => inFlight.inc(),
    ended({ method, route, status, durationMs }) {
      inFlight.dec();
      // Without a route the method too is the client's to choose.
      seriesOf(route ? method : "any", route ?? "none", status).observe(durationMs / 1000);
    },
  };
}
