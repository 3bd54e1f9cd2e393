import type { Metrics } from "@plugboard/service-kit/observe";

interface Series {
  observe(seconds: number): void;
}

/** Says how a call ended: `ok`, or the code that its caller got. */
export type EndOfCall = (outcome: string) => void;

/** Measures calls of plugin code. The series of a plugin's target are looked up once and kept. */
export function createCallMetrics(metrics: Metrics) {
  const duration = metrics.histogram({
    name: "plugboard_plugin_call_duration_seconds",
    help: "Time of a call of plugin code, from the request to the checked output.",
    labelNames: ["plugin", "version", "target", "outcome"],
  });
  const kept = new Map<string, Series>();

  /** `target` must be a name that the plugin has: names that a caller made up would each be a new time series. */
  return function start(site: { plugin: string; version: string; target: string }): EndOfCall {
    const startedAt = performance.now();
    return (outcome) => {
      const key = `${site.plugin} ${site.version} ${site.target} ${outcome}`;
      let series = kept.get(key);
      if (!series) {
        series = duration.labels(site.plugin, site.version, site.target, outcome);
        kept.set(key, series);
      }
      series.observe((performance.now() - startedAt) / 1000);
    };
  };
}
